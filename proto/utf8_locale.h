#pragma once

#include <locale.h>

#include <new>

namespace sconce::proto {

/// Makes the thread's characters UTF-8 while it exists: libarchive turns names into those of the thread's locale, and
/// loses those that it does not have. Threads: one.
class Utf8Locale {
 public:
  Utf8Locale() : utf8_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
    if (utf8_ == nullptr) throw std::bad_alloc();
    before_ = uselocale(utf8_);
  }
  ~Utf8Locale() {
    uselocale(before_);
    freelocale(utf8_);
  }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  locale_t utf8_;
  locale_t before_ = nullptr;
};

}  // namespace sconce::proto
