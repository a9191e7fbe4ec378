#include "server/api/objects/made_bytes.h"

#include <algorithm>
#include <utility>

namespace sconce::server::api {

namespace {

constexpr std::size_t kUndrawnBlocks = 2;

class MadeSource final : public BodySource {
 public:
  explicit MadeSource(MadeBytes made) : made_(std::move(made)) {}
  std::optional<std::uint64_t> size_bytes() const override { return made_.size_bytes(); }
  core::Result<std::span<const std::byte>> next() override {
    const std::span<const std::byte> piece = made_.from(done_);
    done_ += piece.size();
    return piece;
  }
  std::uint64_t held_bytes() const override { return made_.undrawn_bytes(); }
  bool is_in_memory() const override { return true; }
  bool can_seek() const override { return true; }
  core::Status seek(std::uint64_t offset) override {
    done_ = offset;
    return {};
  }

 private:
  const MadeBytes made_;
  std::uint64_t done_ = 0;
};

}  // namespace

core::Status MadeBytes::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    if (size_bytes_ == blocks_.size() * kBlockBytes) {
      if (core::Status added = add_block(); !added) return added;
    }
    std::string& block = blocks_.back();
    const auto some = bytes.first(std::min(bytes.size(), kBlockBytes - block.size()));
    block.append(reinterpret_cast<const char*>(some.data()), some.size());
    size_bytes_ += some.size();
    bytes = bytes.subspan(some.size());
  }
  return {};
}

std::span<const std::byte> MadeBytes::from(std::uint64_t offset) const {
  if (offset == size_bytes_) return {};
  return std::as_bytes(std::span(blocks_[offset / kBlockBytes])).subspan(offset % kBlockBytes);
}

void MadeBytes::clear() {
  if (blocks_.size() > 1) blocks_.resize(1);
  if (!blocks_.empty()) blocks_.front().clear();
  drawn_.release(drawn_.bytes());
  size_bytes_ = 0;
}

std::uint64_t MadeBytes::undrawn_bytes() const {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < std::min(blocks_.size(), kUndrawnBlocks); ++i) bytes += blocks_[i].capacity();
  return bytes;
}

std::unique_ptr<BodySource> source_of(MadeBytes made) { return std::make_unique<MadeSource>(std::move(made)); }

core::Status MadeBytes::add_block() {
  if (blocks_.size() >= kUndrawnBlocks) {
    if (core::Status drawn = drawn_.add(kBlockBytes); !drawn) return drawn;
  }
  std::string block;
  block.reserve(blocks_.empty() ? std::min<std::uint64_t>(expected_bytes_, kBlockBytes) : kBlockBytes);
  blocks_.push_back(std::move(block));
  return {};
}

}  // namespace sconce::server::api
