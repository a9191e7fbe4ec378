#pragma once

#include <pthread.h>

#include <cerrno>
#include <system_error>

namespace sconce::server::storage {

/// A shared mutex at which new readers wait while a writer waits, so that the writer waits only for those that came
/// before it. With glibc, readers of a std::shared_mutex that come one after the other keep a writer out for as long as
/// they overlap. A thread that holds it shared must not take it again: between the two a writer may have come.
/// For std::shared_lock and std::unique_lock. Threads: safe from many.
class WriterFirstMutex {
 public:
  WriterFirstMutex() {
    pthread_rwlockattr_t attributes;
    check(pthread_rwlockattr_init(&attributes));
    check(pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP));
    check(pthread_rwlock_init(&lock_, &attributes));
    pthread_rwlockattr_destroy(&attributes);
  }
  ~WriterFirstMutex() { pthread_rwlock_destroy(&lock_); }
  WriterFirstMutex(const WriterFirstMutex&) = delete;
  WriterFirstMutex& operator=(const WriterFirstMutex&) = delete;

  void lock() { check(pthread_rwlock_wrlock(&lock_)); }
  bool try_lock() { return took(pthread_rwlock_trywrlock(&lock_)); }
  void unlock() { pthread_rwlock_unlock(&lock_); }
  void lock_shared() { check(pthread_rwlock_rdlock(&lock_)); }
  /// False also where a writer waits.
  bool try_lock_shared() { return took(pthread_rwlock_tryrdlock(&lock_)); }
  void unlock_shared() { pthread_rwlock_unlock(&lock_); }

 private:
  static void check(int error) {
    if (error != 0) throw std::system_error(error, std::system_category(), "a lock");
  }
  static bool took(int error) {
    if (error != EBUSY) check(error);
    return error == 0;
  }

  pthread_rwlock_t lock_;
};

}  // namespace sconce::server::storage
