// Source: Aumasson, Bernstein, "SipHash: a fast short-input PRF", 2012; with one round a word and three at the end.

#include "core/graph/keyed_hash.h"

#include <array>
#include <bit>
#include <random>

#include "core/little_endian.h"

namespace sconce::core {

namespace {

using Secret = std::array<std::uint64_t, 2>;

Secret draw_secret() {
  std::random_device random;
  const auto word = [&random] { return (std::uint64_t{random()} << 32U) | random(); };
  return {word(), word()};
}

const Secret& secret() {
  static const Secret kSecret = draw_secret();
  return kSecret;
}

class SipState {
 public:
  explicit SipState(const Secret& secret)
      : v0_(secret[0] ^ 0x736f6d6570736575),
        v1_(secret[1] ^ 0x646f72616e646f6d),
        v2_(secret[0] ^ 0x6c7967656e657261),
        v3_(secret[1] ^ 0x7465646279746573) {}

  void add(std::uint64_t word) {
    v3_ ^= word;
    round();
    v0_ ^= word;
  }

  std::uint64_t finish() {
    v2_ ^= 0xff;
    for (int i = 0; i < 3; ++i) round();
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

 private:
  void round() {
    v0_ += v1_;
    v1_ = std::rotl(v1_, 13) ^ v0_;
    v0_ = std::rotl(v0_, 32);
    v2_ += v3_;
    v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ += v3_;
    v3_ = std::rotl(v3_, 21) ^ v0_;
    v2_ += v1_;
    v1_ = std::rotl(v1_, 17) ^ v2_;
    v2_ = std::rotl(v2_, 32);
  }

  std::uint64_t v0_;
  std::uint64_t v1_;
  std::uint64_t v2_;
  std::uint64_t v3_;
};

}  // namespace

std::uint64_t keyed_hash(std::string_view bytes) {
  SipState state(secret());
  const std::uint64_t size = bytes.size();
  for (; bytes.size() >= sizeof(std::uint64_t); bytes.remove_prefix(sizeof(std::uint64_t))) {
    state.add(load_little_endian<std::uint64_t>(bytes.data()));
  }
  std::uint64_t last = size << 56U;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    last |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  state.add(last);
  return state.finish();
}

std::uint64_t keyed_hash(std::uint64_t number) {
  SipState state(secret());
  state.add(number);
  state.add(std::uint64_t{sizeof number} << 56U);
  return state.finish();
}

}  // namespace sconce::core
