#include "server/control_groups.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace sconce::server {

namespace {

namespace fs = std::filesystem;

enum class Version : std::uint8_t { one, two };

/// The process's group in one hierarchy: a line of /proc/self/cgroup.
struct Membership {
  Version version = Version::two;
  std::vector<std::string> controllers;  // of version 1
  std::string path;                      // from the root of the process's namespace of groups
};

/// A hierarchy, or a part of one, that is mounted: a line of /proc/self/mountinfo.
struct Mount {
  Version version = Version::two;
  std::vector<std::string> controllers;  // of version 1
  std::string root;                      // the group that is seen at `point`
  std::string point;
};

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool contains(const std::vector<std::string>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

/// `ID:CONTROLLERS:PATH`; version 2 has the ID 0 and no controllers.
std::optional<Membership> membership_of(std::string_view line) {
  const std::size_t first = line.find(':');
  const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
  if (second == std::string_view::npos || line.substr(second + 1, 1) != "/") return std::nullopt;
  const std::string_view controllers = line.substr(first + 1, second - first - 1);
  Membership membership{.version = controllers.empty() ? Version::two : Version::one,
                        .controllers = {},
                        .path = std::string(line.substr(second + 1))};
  if (membership.version == Version::one) membership.controllers = split(controllers, ',');
  return membership;
}

bool is_octal(char c) { return c >= '0' && c <= '7'; }

/// Blanks, tabs, newlines and backslashes stand there as `\ooo`.
std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape =
        text[i] == '\\' && i + 3 < text.size() && std::ranges::all_of(text.substr(i + 1, 3), is_octal);
    if (!is_escape) {
      plain += text[i];
      continue;
    }
    plain += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
    i += 3;
  }
  return plain;
}

/// `ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [FIELD …] - TYPE SOURCE SUPER_OPTIONS`. Nothing if it is no mount of
/// groups.
std::optional<Mount> mount_of(const std::string& line) {
  const std::vector<std::string> fields = split(line, ' ');
  const auto separator = std::ranges::find(fields, "-");
  if (fields.size() < 6 || fields.end() - separator < 4 || separator - fields.begin() < 6) return std::nullopt;
  const std::string& type = separator[1];
  if (type != "cgroup" && type != "cgroup2") return std::nullopt;
  Mount mount{.version = type == "cgroup2" ? Version::two : Version::one,
              .controllers = {},
              .root = unescaped(fields[3]),
              .point = unescaped(fields[4])};
  if (mount.version == Version::one) mount.controllers = split(separator[3], ',');
  return mount;
}

template <class Line, class Parse>
std::vector<Line> lines_of(const fs::path& file, Parse parse) {
  std::vector<Line> lines;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (std::optional<Line> parsed = parse(line)) lines.push_back(std::move(*parsed));
  }
  return lines;
}

/// What stands in `path` behind `root`; nothing if it does not lie in there.
std::optional<std::string> below(const std::string& root, const std::string& path) {
  if (root == "/") return path;
  if (!path.starts_with(root)) return std::nullopt;
  const std::string rest = path.substr(root.size());
  return rest.empty() || rest.front() == '/' ? std::optional(rest) : std::nullopt;
}

/// The process's own group at this mount, and those above it up to the mount's. Where the names between them are not
/// known, since the mount was made in another namespace, it is the mount's alone, which lies above the process's. None
/// for a process that has left what its namespace shows.
std::vector<fs::path> groups_at(const fs::path& root, const Mount& mount, const Membership& membership) {
  const std::vector<std::string> names = split(membership.path, '/');
  if (contains(names, "..")) return {};
  fs::path group = root / fs::path(mount.point).relative_path();
  std::vector<fs::path> groups = {group};
  const std::optional<std::string> rest = below(mount.root, membership.path);
  if (!rest) return groups;
  for (const std::string& name : split(*rest, '/')) {
    if (name.empty()) continue;
    group /= name;
    groups.push_back(group);
  }
  return groups;
}

std::optional<std::string> text_of(const fs::path& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  if (!stream || !(text << stream.rdbuf())) return std::nullopt;
  return std::move(text).str();
}

/// A number that is all of the word. `max`, and `-1` of version 1, are none.
std::optional<std::uint64_t> number_of(std::string_view word) {
  while (!word.empty() && word.back() == '\n') word.remove_suffix(1);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> number_in(const fs::path& file) {
  const std::optional<std::string> text = text_of(file);
  return text ? number_of(*text) : std::nullopt;
}

/// What all groups above allow, also those that cannot be seen.
std::optional<std::uint64_t> hierarchical_limit(const fs::path& group) {
  constexpr std::string_view kName = "hierarchical_memory_limit ";
  std::ifstream stream(group / "memory.stat");
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with(kName)) return number_of(std::string_view(line).substr(kName.size()));
  }
  return std::nullopt;
}

std::optional<double> quota_of(std::optional<std::uint64_t> quota, std::optional<std::uint64_t> period) {
  if (!quota || !period || *quota == 0 || *period == 0) return std::nullopt;
  return static_cast<double>(*quota) / static_cast<double>(*period);
}

/// `QUOTA PERIOD`
std::optional<double> quota_in(const fs::path& file) {
  const std::vector<std::string> words = split(text_of(file).value_or(""), ' ');
  return words.size() == 2 ? quota_of(number_of(words[0]), number_of(words[1])) : std::nullopt;
}

template <class Number>
void lower(std::optional<Number>& least, std::optional<Number> limit) {
  if (limit && (!least || *limit < *least)) least = limit;
}

void lower_by_group(ControlGroupLimits& limits, Version version, const fs::path& group) {
  if (version == Version::two) {
    lower(limits.memory_bytes, number_in(group / "memory.max"));
    lower(limits.memory_bytes, number_in(group / "memory.high"));
    lower(limits.processors, quota_in(group / "cpu.max"));
    return;
  }
  lower(limits.memory_bytes, number_in(group / "memory.limit_in_bytes"));
  lower(limits.memory_bytes, hierarchical_limit(group));
  lower(limits.processors, quota_of(number_in(group / "cpu.cfs_quota_us"), number_in(group / "cpu.cfs_period_us")));
}

/// Whether the mount shows the hierarchy in which the process has this place.
bool shows(const Mount& mount, const Membership& membership) {
  if (mount.version != membership.version) return false;
  if (mount.version == Version::two) return true;
  return std::ranges::all_of(membership.controllers,
                             [&](const std::string& name) { return contains(mount.controllers, name); });
}

}  // namespace

ControlGroupLimits control_group_limits(const fs::path& root) {
  const auto memberships = lines_of<Membership>(root / "proc/self/cgroup", membership_of);
  const auto mounts = lines_of<Mount>(root / "proc/self/mountinfo", mount_of);
  ControlGroupLimits limits;
  for (const Membership& membership : memberships) {
    for (const Mount& mount : mounts) {
      if (!shows(mount, membership)) continue;
      for (const fs::path& group : groups_at(root, mount, membership)) {
        lower_by_group(limits, membership.version, group);
      }
    }
  }
  return limits;
}

}  // namespace sconce::server
