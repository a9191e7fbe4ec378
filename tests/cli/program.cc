#include "tests/cli/program.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

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

pid_t start_sconce(const std::vector<std::string>& arguments, std::string variable, const std::string& in,
                   const std::string& out, const std::string& err) {
  std::vector<std::string> words = {"sconce"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0 && !variable.empty()) ::putenv(variable.data());
  if (child == 0) become_program(argv, in, out, err);
  return child;
}

/// -1 if a signal ended it.
int exit_code_of(pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, 0) != child) throw std::runtime_error("cannot wait");
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

Outcome run_sconce(const std::vector<std::string>& arguments, const std::string& in, std::string variable) {
  const TemporaryDirectory folder;
  const std::string in_file = folder.write("in", in);
  const std::string out_file = folder.write("out", "");
  const std::string err_file = folder.write("err", "");
  const int exit_code = exit_code_of(start_sconce(arguments, std::move(variable), in_file, out_file, err_file));
  return {.exit_code = exit_code, .out = read_file(out_file), .err = read_file(err_file)};
}

Outcome run_sconce_into_pipe(const std::vector<std::string>& arguments, const std::function<void()>& meanwhile) {
  const TemporaryDirectory folder;
  const std::string in_file = folder.write("in", "");
  const std::string err_file = folder.write("err", "");
  const std::string pipe = folder / "pipe";
  if (::mkfifo(pipe.c_str(), 0600) != 0) throw std::runtime_error("cannot make a pipe");
  const pid_t child = start_sconce(arguments, "", in_file, pipe, err_file);
  std::ifstream out(pipe, std::ios::binary);
  out.peek();
  meanwhile();
  std::ostringstream read;
  if (!out.eof()) read << out.rdbuf();
  return {.exit_code = exit_code_of(child), .out = read.str(), .err = read_file(err_file)};
}

}  // namespace sconce::tests
