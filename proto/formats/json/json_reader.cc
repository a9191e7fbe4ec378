#include "proto/formats/json/json_reader.h"

#include <optional>
#include <string_view>

#include "proto/formats/json/json_machine.h"
#include "proto/formats/json/json_tokenizer.h"

namespace sconce::proto {

class JsonReader::Impl {
 public:
  Impl(core::EventSink& sink, const core::ReadLimits& limits)
      : limits_(limits),
        machine_(sink, limits_),
        tokenizer_(machine_, {.number_bytes_max = limits_.number_bytes_max}) {}

  core::Status put(std::span<const std::byte> bytes) {
    if (error_) return std::unexpected(*error_);
    return keep(tokenizer_.put({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
  }

  core::Status finish() {
    if (error_) return std::unexpected(*error_);
    return keep(tokenizer_.finish());
  }

  std::uint64_t offset() const { return tokenizer_.offset(); }

 private:
  /// An error stays, and says where it was.
  core::Status keep(core::Status status) {
    if (status) return status;
    error_ = std::move(status.error());
    if (!error_->offset) error_->offset = tokenizer_.token_offset();
    if (!error_->path) error_->path = machine_.path();
    return std::unexpected(*error_);
  }

  const core::ReadLimits limits_;
  JsonMachine machine_;
  JsonTokenizer tokenizer_;
  std::optional<core::Error> error_;
};

JsonReader::JsonReader(core::EventSink& sink, const core::ReadLimits& limits)
    : impl_(std::make_unique<Impl>(sink, limits)) {}
JsonReader::JsonReader(JsonReader&&) noexcept = default;
JsonReader& JsonReader::operator=(JsonReader&&) noexcept = default;
JsonReader::~JsonReader() = default;

core::Status JsonReader::put(std::span<const std::byte> bytes) { return impl_->put(bytes); }
core::Status JsonReader::finish() { return impl_->finish(); }
std::uint64_t JsonReader::offset() const { return impl_->offset(); }

}  // namespace sconce::proto
