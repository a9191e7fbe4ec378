#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace sconce::proto {

/// One thing that may be done. Each has its letter.
enum class Right : std::uint8_t {
  read,     ///< r: objects, their parts, and what is known of them.
  write,    ///< w: put objects, new ones or in place of others.
  remove,   ///< d: delete objects.
  list,     ///< l: list keys.
  metrics,  ///< m: read what the server counts; of the whole server, not of keys.
  admin,    ///< a: what an operator asks for; of the whole server, not of keys.
};

/// A set of them.
class Rights {
 public:
  constexpr Rights() = default;
  constexpr Rights(std::initializer_list<Right> rights) {
    for (const Right right : rights) bits_ |= bit_of(right);
  }

  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool has(Right right) const { return (bits_ & bit_of(right)) != 0; }
  constexpr bool meets(Rights others) const { return (bits_ & others.bits_) != 0; }
  /// Whether some of them are of keys.
  constexpr bool are_of_keys() const { return meets({Right::read, Right::write, Right::remove, Right::list}); }
  constexpr void add(Right right) { bits_ |= bit_of(right); }

  friend constexpr bool operator==(Rights, Rights) = default;

 private:
  static constexpr unsigned bit_of(Right right) { return 1U << static_cast<unsigned>(right); }

  unsigned bits_ = 0;
};

/// Rights over all keys that begin with `prefix`, byte for byte, as in a listing: `runs` is also the begin of
/// `runs-old/1`.
struct Grant {
  Rights rights;
  std::string prefix;

  friend bool operator==(const Grant&, const Grant&) = default;
};
using Grants = std::vector<Grant>;

/// Whether one of `wanted` is granted for `name`: a key, or what all keys of a listing begin with. Threads: no state.
bool allows(std::span<const Grant> grants, Rights wanted, std::string_view name);

/// Whether one of `wanted` is granted for any key at all.
bool allows_somewhere(std::span<const Grant> grants, Rights wanted);

/// What a request that brings no token may do.
enum class Anonymous : std::uint8_t {
  nothing,
  read,        ///< read, list.
  write,       ///< Everything but admin.
  everything,  ///< For a server that only its own machine reaches.
};
Grants grants_of(Anonymous anonymous);

/// `rw`: one letter for each right. Errors: invalid_argument (no letter, an unknown one, one that stands twice).
core::Result<Rights> parse_rights(std::string_view letters);
std::string letters_of(Rights rights);

/// Checks that some key can begin so, and that rights of the whole server stand without a prefix.
/// Errors: invalid_argument.
core::Status check_grant(const Grant& grant);

/// `rw:runs/`; what may not stand in a URL is percent-encoded in the prefix. Errors: invalid_argument; the text is not
/// repeated.
core::Result<Grant> parse_grant(std::string_view text);
std::string text_of(const Grant& grant);

}  // namespace sconce::proto
