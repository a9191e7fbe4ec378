#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

struct evp_md_ctx_st;

namespace sconce::server::api {

/// SHA-256 of bytes that come in pieces. Threads: one at a time.
class Sha256 {
 public:
  Sha256();
  void update(std::span<const std::byte> bytes);
  /// Called once, at the end; so is `base64`, in its place.
  std::array<std::byte, 32> digest();
  std::string base64();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace sconce::server::api
