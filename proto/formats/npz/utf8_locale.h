#pragma once

#include <locale.h>

#include <new>

namespace sconce::proto {

/// Makes the thread's characters UTF-8 while it exists: libarchive turns names into those of the thread's locale, and
/// loses those that it does not have. Threads: the one that makes it.
class Utf8Locale {
 public:
  Utf8Locale() : before_(uselocale(utf8())) {}
  ~Utf8Locale() { uselocale(before_); }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  /// Made once: making one reads files.
  static locale_t utf8() {
    static const locale_t kUtf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    if (kUtf8 == nullptr) throw std::bad_alloc();
    return kUtf8;
  }

  locale_t before_;
};

}  // namespace sconce::proto
