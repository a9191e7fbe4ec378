#include "tests/walk/walk.h"

#include <link.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <stdexcept>

namespace sconce::tests {

namespace {

namespace fs = std::filesystem;

/// Where this program was loaded; what addr2line takes counts from there.
std::uintptr_t load_address() {
  std::uintptr_t address = 0;
  const auto take_first = [](dl_phdr_info* info, std::size_t, void* out) {
    *static_cast<std::uintptr_t*>(out) = info->dlpi_addr;
    return 1;
  };
  dl_iterate_phdr(take_first, &address);
  return address;
}

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
  std::string output;
  std::array<char, 4096> piece;
  while (const std::size_t size = fread(piece.data(), 1, piece.size(), pipe.get())) output.append(piece.data(), size);
  return output;
}

/// `/checkout/server/app.cc:12 (discriminator 3)` to `server/app.cc`.
std::string file_of(const std::string& line, const std::string& root) {
  std::string file = line.substr(0, line.rfind(':'));
  if (file.starts_with(root)) file.erase(0, root.size());
  for (const std::string_view folder : {"core/", "proto/", "server/"}) {
    const std::size_t at = file.rfind("./" + std::string(folder));
    if (at != std::string::npos) return file.substr(at + 2);
  }
  file.erase(0, file.find_first_not_of("/."));
  return file;
}

}  // namespace

std::map<std::uintptr_t, SourceFunction> source_functions(const std::vector<Entered>& walk, const std::string& root) {
  std::map<std::uintptr_t, SourceFunction> functions;
  for (const Entered& entered : walk) functions.try_emplace(entered.function);
  const std::string program = fs::read_symlink("/proc/self/exe").string();
  const fs::path addresses = fs::temp_directory_path() / ("sconce-walk-" + std::to_string(::getpid()));
  {
    std::ofstream file(addresses);
    for (const auto& [function, unused] : functions) file << std::hex << function - load_address() << '\n';
  }
  std::istringstream lines(output_of("addr2line -f -C -e '" + program + "' < '" + addresses.string() + "'"));
  fs::remove(addresses);
  std::string line;
  for (auto& [function, source] : functions) {
    if (!std::getline(lines, source.name) || !std::getline(lines, line)) {
      throw std::runtime_error("addr2line did not name all functions");
    }
    source.file = file_of(line, root);
  }
  return functions;
}

WalkCounts counts_of(const std::vector<Entered>& walk, const std::map<std::uintptr_t, SourceFunction>& functions) {
  WalkCounts counts{.files = 0, .switches = 0, .calls = walk.size(), .files_of_room = {}};
  std::set<std::string> files;
  std::map<std::uint32_t, std::string> last;  // on each thread
  for (const Entered& entered : walk) {
    const std::string& file = functions.at(entered.function).file;
    if (files.insert(file).second) ++counts.files_of_room[room_of(file)];
    std::string& before = last[entered.thread];
    if (before != file) ++counts.switches;
    before = file;
  }
  counts.files = files.size();
  return counts;
}

std::string room_of(const std::string& file) {
  const std::string_view server = "server/";
  const std::size_t begin = file.starts_with(server) ? server.size() : 0;
  return file.substr(begin, file.find('/', begin) - begin);
}

}  // namespace sconce::tests
