#include "tests/cli/program.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include "tests/support/files.h"

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

Outcome run_sconce(const std::vector<std::string>& arguments, const std::string& in, std::string variable) {
  const TemporaryDirectory folder;
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
  if (child == 0 && !variable.empty()) ::putenv(variable.data());
  if (child == 0) become_program(argv, in_file, out_file, err_file);
  int status = 0;
  if (::waitpid(child, &status, 0) != child) throw std::runtime_error("cannot wait");
  return {.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          .out = read_file(out_file),
          .err = read_file(err_file)};
}

}  // namespace sconce::tests
