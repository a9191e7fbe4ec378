#include "tests/torture/check_data.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

#include "tests/support/files.h"

namespace sconce::tests {

namespace {

[[noreturn]] void become_check(const char* data, const char* out) {
  const int fd = open(out, O_WRONLY | O_CLOEXEC);
  if (dup2(fd, STDOUT_FILENO) == STDOUT_FILENO && dup2(fd, STDERR_FILENO) == STDERR_FILENO) {
    execl(SCONCE_PROGRAM, "sconce", "check", "--data", data, nullptr);
  }
  _exit(127);
}

}  // namespace

void check_data(const std::filesystem::path& data) {
  const TemporaryDirectory folder;
  const std::string out = folder.write("out", "");
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) become_check(data.c_str(), out.c_str());
  int status = 0;
  if (waitpid(child, &status, 0) != child) throw std::runtime_error("cannot wait");
  if (status != 0) throw std::runtime_error("sconce check finds damage:\n" + read_file(out));
}

}  // namespace sconce::tests
