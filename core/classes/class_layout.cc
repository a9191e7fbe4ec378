#include "core/classes/class_layout.h"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

#include "core/classes/known_classes.h"
#include "core/numbers/lua_number.h"

namespace sconce::core {

namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr double kAnyVersion = std::numeric_limits<double>::infinity();

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

/// For which classes a layout is.
struct Spec {
  std::string_view name;  // without the `*` of a prefix
  bool is_prefix = false;
  double first = -kAnyVersion;
  double last = kAnyVersion;
};

/// `Name`, `Name V 2`, `Name V 2+`, `Prefix*`.
Result<Spec> parse_spec(std::string_view text) {
  Spec spec{.name = trim(text)};
  const std::size_t mark = spec.name.rfind(" V ");
  if (mark != std::string_view::npos) {
    std::string_view number = trim(spec.name.substr(mark + 3));
    const bool and_later = number.ends_with('+');
    if (and_later) number.remove_suffix(1);
    const auto version = lua_number_of(number);
    if (!version) return fail(ErrorCode::invalid_argument, "a version is `V 2`, or `V 2+` for it and later ones");
    spec.first = *version;
    spec.last = and_later ? kAnyVersion : *version;
    spec.name = trim(spec.name.substr(0, mark));
  } else if (spec.name == "V" || spec.name.ends_with(" V") || spec.name.starts_with("V ")) {
    return fail(ErrorCode::invalid_argument, "a version stands after a name: `Name V 2`");
  }
  spec.is_prefix = spec.name.ends_with('*');
  if (spec.is_prefix) spec.name.remove_suffix(1);
  if (spec.name.contains('*')) {
    return fail(ErrorCode::invalid_argument,
                "a `*` stands only at the end of a prefix, once: not in `" + std::string(trim(text)) + "`");
  }
  if (spec.name.empty()) return fail(ErrorCode::invalid_argument, "a declaration needs the name of a class");
  return spec;
}

/// The declarations of one text, to find those that contradict each other.
class DeclaredLines {
 public:
  /// Errors: an earlier line declares the same classes otherwise. A declaration that cannot be read is none.
  Status add(std::string_view spec_text, std::string_view layout, std::size_t line) {
    const Result<Spec> spec = parse_spec(spec_text);
    const Result<ClassLayout> parsed = parse_layout(layout);
    if (!spec || !parsed) return {};
    const auto [at, is_new] = lines_.try_emplace({std::string(spec->name), spec->is_prefix, spec->first, spec->last},
                                                 Declared{.line = line, .layout = *parsed});
    if (is_new || at->second.layout == *parsed) return {};
    return fail(ErrorCode::invalid_argument,
                "`" + std::string(spec_text) + "` is declared otherwise in line " + std::to_string(at->second.line));
  }

 private:
  struct Declared {
    std::size_t line;
    ClassLayout layout;
  };
  std::map<std::tuple<std::string, bool, double, double>, Declared> lines_;
};

/// Calls `add(spec, layout)` for each line. Errors: its own, and a line that contradicts another one, naming the line.
template <class Add>
Status for_each_line(std::string_view text, Add add) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";  // some editors begin UTF-8 with it
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  DeclaredLines lines;
  std::size_t line_number = 0;
  while (!text.empty()) {
    const std::size_t line_bytes = std::min(text.find('\n'), text.size());
    const std::string_view line = trim(text.substr(0, line_bytes));
    text.remove_prefix(std::min(line_bytes + 1, text.size()));
    line_number += 1;
    if (line.empty() || line.front() == '#') continue;
    const std::size_t colon = line.find(':');
    Status added;
    if (colon == std::string_view::npos) {
      added = fail(ErrorCode::invalid_argument, "a declaration is `Name: layout`");
    } else {
      added = lines.add(trim(line.substr(0, colon)), line.substr(colon + 1), line_number);
      if (added) added = add(trim(line.substr(0, colon)), line.substr(colon + 1));
    }
    if (!added) {
      return fail(ErrorCode::invalid_argument, "line " + std::to_string(line_number) + ": " + added.error().what);
    }
  }
  return {};
}

/// The version in a class header, as Torch reads it.
double version_of(std::optional<std::string_view> version) {
  if (!version) return 0;
  return lua_number_of(version->substr(std::min<std::size_t>(version->size(), 2)))
      .value_or(std::numeric_limits<double>::quiet_NaN());
}

/// What every tensor, or every storage of this type, writes.
ClassLayout built_in_layout_of(std::optional<TensorClass> storage) {
  constexpr LayoutOp::Kind kScalars = LayoutOp::Kind::scalars;
  const RepeatCount counted{.constant = 1, .from = 0};
  if (storage) {
    return {{{.kind = kScalars, .type = ElementType::i64, .count = {}, .is_count = true},
             {.kind = kScalars, .type = storage->type, .count = counted}}};
  }
  return {{{.kind = kScalars, .type = ElementType::i32, .count = {}, .is_count = true},
           {.kind = kScalars, .type = ElementType::i64, .count = counted},
           {.kind = kScalars, .type = ElementType::i64, .count = counted},
           {.kind = kScalars, .type = ElementType::i64, .count = {}},
           {.kind = LayoutOp::Kind::objects, .type = ElementType::u8, .count = {}}}};
}

}  // namespace

Status LayoutTable::add(std::string_view spec_text, std::string_view layout) {
  const Result<Spec> spec = parse_spec(spec_text);
  if (!spec) return std::unexpected(spec.error());
  Result<ClassLayout> parsed = parse_layout(layout);
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  Versions& versions = (spec->is_prefix ? prefixes_ : names_)[std::string(spec->name)];
  const auto same = [&spec](const Versioned& one) { return one.first == spec->first && one.last == spec->last; };
  std::erase_if(versions, same);
  // One version, then those that begin latest, then all.
  const auto wider = [&spec](const Versioned& one) {
    return std::pair(one.last, -one.first) > std::pair(spec->last, -spec->first);
  };
  versions.insert(std::ranges::find_if(versions, wider), {spec->first, spec->last, std::move(*parsed)});
  return {};
}

Status LayoutTable::add_all(std::string_view text) {
  return for_each_line(text, [this](std::string_view spec, std::string_view layout) { return add(spec, layout); });
}

const ClassLayout* LayoutTable::find_version(const Versions& versions, std::optional<std::string_view> version) {
  const double wanted = version_of(version);
  for (const Versioned& one : versions) {
    const bool is_any = one.first == -kAnyVersion;
    if (is_any || (wanted >= one.first && wanted <= one.last)) return &one.layout;
  }
  return nullptr;
}

const ClassLayout* LayoutTable::find_name(std::string_view name, std::optional<std::string_view> version) const {
  const auto found = names_.find(name);
  return found == names_.end() ? nullptr : find_version(found->second, version);
}

const ClassLayout* LayoutTable::find_prefix(std::string_view name, std::optional<std::string_view> version) const {
  const ClassLayout* longest = nullptr;
  for (const auto& [prefix, versions] : prefixes_) {  // a prefix stands before those that it begins
    if (!name.starts_with(prefix)) continue;
    if (const ClassLayout* layout = find_version(versions, version)) longest = layout;
  }
  return longest;
}

Status ClassLayouts::declare(std::string_view spec_text, std::string_view layout) {
  const Result<Spec> spec = parse_spec(spec_text);
  if (!spec) return std::unexpected(spec.error());
  const auto storage = storage_class_from_name(spec->name);
  if (!spec->is_prefix && (storage || tensor_class_from_name(spec->name))) {
    const Result<ClassLayout> parsed = parse_layout(layout);
    if (!parsed) return std::unexpected(parsed.error());
    if (*parsed == built_in_layout_of(storage)) return {};
    return fail(ErrorCode::invalid_argument, "`" + std::string(spec->name) + "` is built in and cannot be declared");
  }
  return declared_.add(spec_text, layout);
}

Status ClassLayouts::declare_all(std::string_view text) {
  return for_each_line(text, [this](std::string_view spec, std::string_view layout) { return declare(spec, layout); });
}

const ClassLayout* ClassLayouts::find(std::string_view class_name, std::optional<std::string_view> version) const {
  if (const ClassLayout* layout = declared_.find_name(class_name, version)) return layout;
  if (const ClassLayout* layout = find_built_in(class_name, version)) return layout;
  if (const ClassLayout* layout = declared_.find_prefix(class_name, version)) return layout;
  return built_in_layouts().find_prefix(class_name, version);
}

const ClassLayouts& default_class_layouts() {
  static const ClassLayouts kLayouts;
  return kLayouts;
}

}  // namespace sconce::core
