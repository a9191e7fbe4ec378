#include "server/api/access/token_hash.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <stdexcept>
#include <vector>

#include "core/ascii.h"
#include "server/api/access/sha256.h"

namespace sconce::server::api {

namespace {

std::string hex_of(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte byte : bytes) core::append_hex(text, std::to_integer<unsigned char>(byte));
  return text;
}

}  // namespace

std::string token_hash(std::string_view salt, std::string_view token) {
  Sha256 hash;
  hash.update(std::as_bytes(std::span(salt)));
  hash.update(std::as_bytes(std::span(token)));
  return hex_of(hash.digest());
}

bool same_in_constant_time(std::string_view one, std::string_view other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

std::string random_hex(std::size_t digits) {
  std::vector<std::byte> bytes((digits + 1) / 2);
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error("OpenSSL has no random bytes");
  }
  return hex_of(bytes).substr(0, digits);
}

}  // namespace sconce::server::api
