#include "tests/cli/program.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace sconce::tests {
namespace {

constexpr const char* kGolden = SCONCE_SOURCE_DIR "/tests/golden";

/// In the child: stdin, stdout and stderr become the files, and the program takes over. Does not return.
[[noreturn]] void become_program(std::vector<char*>& argv, const std::string& in, const std::string& out,
                                 const std::string& err) {
  const int in_fd = ::open(in.c_str(), O_RDONLY);
  const int out_fd = ::open(out.c_str(), O_WRONLY);
  const int err_fd = ::open(err.c_str(), O_WRONLY);
  const bool ready = ::dup2(in_fd, 0) == 0 && ::dup2(out_fd, 1) == 1 && ::dup2(err_fd, 2) == 2 && ::chdir(kGolden) == 0;
  if (ready) ::execv(SCONCE_PROGRAM, argv.data());
  ::_exit(127);
}

}  // namespace

Outcome run_sconce(const std::vector<std::string>& arguments, const std::string& in) {
  const TemporaryFolder folder;
  const std::string in_file = folder.write("in", in);
  const std::string out_file = folder.write("out", "");
  const std::string err_file = folder.write("err", "");
  std::vector<std::string> words = {"sconce"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) become_program(argv, in_file, out_file, err_file);
  int status = 0;
  if (::waitpid(child, &status, 0) != child) throw std::runtime_error("cannot wait");
  return {.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          .out = read_file(out_file),
          .err = read_file(err_file)};
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string golden(const std::string& name) { return read_file(std::filesystem::path(kGolden) / name); }

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "sconce-cli-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a folder");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::write(const std::string& name, const std::string& bytes) const {
  std::ofstream file(path_ / name, std::ios::binary);
  if (!file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()))) throw std::runtime_error("cannot write");
  return (path_ / name).string();
}

std::vector<std::string> TemporaryFolder::names() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path_))
    names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

}  // namespace sconce::tests
