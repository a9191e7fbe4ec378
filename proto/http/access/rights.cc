#include "proto/http/access/rights.h"

#include <algorithm>

#include "proto/http/object_key.h"
#include "proto/http/percent.h"

namespace sconce::proto {

namespace {

using core::ErrorCode;

constexpr std::string_view kLetters = "rwdlma";  // in the order of Right

}  // namespace

bool allows(std::span<const Grant> grants, Rights wanted, std::string_view name) {
  return std::ranges::any_of(
      grants, [&](const Grant& grant) { return grant.rights.meets(wanted) && name.starts_with(grant.prefix); });
}

bool allows_somewhere(std::span<const Grant> grants, Rights wanted) {
  return std::ranges::any_of(grants, [&](const Grant& grant) { return grant.rights.meets(wanted); });
}

Grants grants_of(Anonymous anonymous) {
  using enum Right;
  switch (anonymous) {
    case Anonymous::nothing: return {};
    case Anonymous::read: return {{.rights = {read, list}, .prefix = ""}};
    case Anonymous::write: return {{.rights = {read, write, remove, list, metrics}, .prefix = ""}};
    case Anonymous::everything: return {{.rights = {read, write, remove, list, metrics, admin}, .prefix = ""}};
  }
  return {};
}

core::Result<Rights> parse_rights(std::string_view letters) {
  Rights rights;
  for (const char letter : letters) {
    const std::size_t place = kLetters.find(letter);
    if (place == std::string_view::npos) {
      return core::fail(ErrorCode::invalid_argument,
                        "rights are letters of `rwdlma`: read, write, delete, list, metrics, admin");
    }
    const auto right = static_cast<Right>(place);
    if (rights.has(right)) {
      return core::fail(ErrorCode::invalid_argument, std::string("the right `") + letter + "` stands twice");
    }
    rights.add(right);
  }
  if (rights.empty()) return core::fail(ErrorCode::invalid_argument, "no right is named; they are letters of `rwdlma`");
  return rights;
}

std::string letters_of(Rights rights) {
  std::string letters;
  for (std::size_t place = 0; place < kLetters.size(); ++place) {
    if (rights.has(static_cast<Right>(place))) letters += kLetters[place];
  }
  return letters;
}

core::Status check_grant(const Grant& grant) {
  if (grant.prefix.empty()) return {};
  if (grant.rights.meets({Right::metrics, Right::admin})) {
    return core::fail(ErrorCode::invalid_argument, "the rights `m` and `a` are of the whole server, without a prefix");
  }
  if (const HttpResult<void> begun = check_object_key(grant.prefix + "x"); !begun) {
    return core::fail(ErrorCode::invalid_argument, "no key begins with this prefix: " + begun.error().detail);
  }
  return {};
}

core::Result<Grant> parse_grant(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    return core::fail(ErrorCode::invalid_argument, "a grant is RIGHTS:PREFIX, as in `rw:runs/`");
  }
  const core::Result<Rights> rights = parse_rights(text.substr(0, colon));
  if (!rights) return std::unexpected(rights.error());
  core::Result<std::string> prefix = percent_decode(text.substr(colon + 1));
  if (!prefix) return core::fail(ErrorCode::invalid_argument, "the prefix is not percent-encoded rightly");
  Grant grant{.rights = *rights, .prefix = std::move(*prefix)};
  if (core::Status checked = check_grant(grant); !checked) return std::unexpected(std::move(checked.error()));
  return grant;
}

std::string text_of(const Grant& grant) { return letters_of(grant.rights) + ':' + percent_encode_path(grant.prefix); }

}  // namespace sconce::proto
