#include "tests/server/small_volume.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <vector>

namespace sconce::tests {

namespace {

void write_text(const char* file, const std::string& text) {
  const int fd = open(file, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  if (write(fd, text.data(), text.size()) < 0) errno = 0;  // what then fails is the mount
  close(fd);
}

/// A mount namespace of its own; a user other than root becomes root in a user namespace.
bool leave_namespaces() {
  const uid_t user = geteuid();
  const gid_t group = getegid();
  if (user == 0) return unshare(CLONE_NEWNS) == 0;
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  write_text("/proc/self/setgroups", "deny");
  write_text("/proc/self/uid_map", "0 " + std::to_string(user) + " 1");
  write_text("/proc/self/gid_map", "0 " + std::to_string(group) + " 1");
  return true;
}

/// What is mounted from here on is in no other namespace. The root that chroot gives is often no mount, which is
/// refused; then it is in the others too, until the holder ends.
bool keep_mounts_private() {
  return mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 || errno == EINVAL;
}

bool enter_namespace(pid_t holder, const char* name, int kind) {
  const std::string file = "/proc/" + std::to_string(holder) + "/ns/" + name;
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool entered = setns(fd, kind) == 0;
  close(fd);
  return entered;
}

}  // namespace

bool SmallVolume::is_refused() {
  if (geteuid() == 0) return false;
  const pid_t child = fork();
  if (child == 0) _exit(leave_namespaces() ? 0 : 1);
  int status = 0;
  return child < 0 || waitpid(child, &status, 0) != child || status != 0;
}

SmallVolume::SmallVolume(std::filesystem::path directory, std::uint64_t size_bytes) : directory_(std::move(directory)) {
  std::filesystem::create_directories(directory_);
  int told[2];
  int ends[2];
  if (pipe2(told, O_CLOEXEC) != 0 || pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  holder_ = fork();
  if (holder_ < 0) throw std::runtime_error("fork");
  if (holder_ == 0) {
    close(ends[1]);
    const std::string options = "size=" + std::to_string(size_bytes);
    const bool mounted = leave_namespaces() && keep_mounts_private() &&
                         mount("none", directory_.c_str(), "tmpfs", 0, options.c_str()) == 0;
    hold(mounted ? 0 : errno, told[1]);
    char nothing = 0;
    while (read(ends[0], &nothing, 1) < 0 && errno == EINTR) continue;
    umount2(directory_.c_str(), MNT_DETACH);
    _exit(0);
  }
  close(told[1]);
  close(ends[0]);
  end_ = ends[1];
  int failed = 0;
  const ssize_t size = read(told[0], &failed, sizeof(failed));
  close(told[0]);
  path_ = "/proc/" + std::to_string(holder_) + "/root" + directory_.string();
  if (size != sizeof(failed) || failed != 0) {
    close(end_);
    waitpid(holder_, nullptr, 0);
    throw std::runtime_error(std::string("a file system of its own cannot be mounted: ") + std::strerror(failed) +
                             "; run as root, or allow user namespaces");
  }
}

SmallVolume::~SmallVolume() {
  close(end_);
  waitpid(holder_, nullptr, 0);
}

void SmallVolume::hold(int failed, int told) const {
  if (write(told, &failed, sizeof(failed)) != sizeof(failed)) _exit(126);
}

/// Under the thread sanitizer a child has a thread of the sanitizer's own; a process that shares its working directory
/// among threads cannot change its mount namespace, so the directory is unshared first. A namespace is entered at its
/// own root, which is not the holder's after a chroot.
void SmallVolume::enter() const {
  const std::string holders_root = "/proc/" + std::to_string(holder_) + "/root";
  const int root = open(holders_root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  const bool entered = root >= 0 && unshare(CLONE_FS) == 0 &&
                       (geteuid() == 0 || enter_namespace(holder_, "user", CLONE_NEWUSER)) &&
                       enter_namespace(holder_, "mnt", CLONE_NEWNS) && fchdir(root) == 0 && chroot(".") == 0;
  if (!entered) _exit(126);
}

void SmallVolume::make_read_only() const {
  const pid_t child = fork();
  if (child == 0) {
    enter();
    _exit(mount(nullptr, directory_.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0 ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) throw std::runtime_error("the volume cannot be made read-only");
}

std::uint64_t SmallVolume::free_bytes() const {
  struct statvfs about{};
  if (statvfs(path_.c_str(), &about) != 0) throw std::runtime_error("statvfs");
  return static_cast<std::uint64_t>(about.f_bavail) * about.f_frsize;
}

void SmallVolume::fill(const std::string& file) const {
  const int fd = open((path_ / file).c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) throw std::runtime_error("cannot fill the volume");
  std::vector<char> bytes(1 << 20, 's');
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) bytes.resize(bytes.size() / 2);  // until not one more fits
  }
  close(fd);
}

}  // namespace sconce::tests
