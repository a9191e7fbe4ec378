#include "proto/formats/arrays/safetensors.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "core/bytes/free_memory.h"
#include "core/text/path.h"
#include "core/text/printable.h"
#include "proto/formats/arrays/array_emitter.h"
#include "proto/formats/arrays/safetensors_header.h"
#include "proto/formats/json/json_text.h"

namespace sconce::proto {

namespace {

using core::Error;
using core::ErrorCode;
using core::Status;
namespace event = core::event;

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kAlignmentBytes = 8;
constexpr std::size_t kHeaderBytesMax = SafetensorsLimits().header_bytes_max;

Status check_text(std::string_view text) {
  if (core::is_utf8(text)) return {};
  return core::fail(ErrorCode::unrepresentable,
                    "safetensors has text in UTF-8 only, and `" + core::printable(text.substr(0, 64)) + "` is not");
}

Status check_leaves(std::span<const NamedTensor> leaves) {
  std::vector<std::string_view> names;
  for (const NamedTensor& leaf : leaves) {
    if (Status valid = check_text(leaf.name); !valid) return valid;
    names.emplace_back(leaf.name);
  }
  std::ranges::sort(names);
  const auto twin = std::ranges::adjacent_find(names);
  if (twin != names.end()) {
    return core::fail(ErrorCode::unrepresentable, "two tensors would be called `" + core::printable(*twin) + '`');
  }
  if (!std::ranges::binary_search(names, kSafetensorsMetadataKey)) return {};
  return core::fail(ErrorCode::unrepresentable, "no tensor of a safetensors file can be called `__metadata__`");
}

std::string quoted(std::string_view text) {
  std::string json;
  append_json_string(json, text);
  return json;
}

core::Result<std::string> metadata_json(std::span<const std::pair<std::string, std::string>> metadata) {
  std::string json;
  for (const auto& [key, value] : metadata) {
    if (Status valid = check_text(key); !valid) return std::unexpected(std::move(valid.error()));
    if (Status valid = check_text(value); !valid) return std::unexpected(std::move(valid.error()));
    json += (json.empty() ? "\"__metadata__\":{" : ",") + quoted(key) + ':' + quoted(value);
  }
  return json.empty() ? json : json + '}';
}

std::unexpected<core::Error> header_too_large() {
  return core::fail(ErrorCode::unrepresentable, "the safetensors header would have more than the " +
                                                    std::to_string(kHeaderBytesMax) +
                                                    " bytes that the format allows; ask for fewer tensors with `path`");
}

std::string leaf_json(const NamedTensor& leaf, std::uint64_t begin, std::uint64_t end) {
  std::string shape;
  for (const std::int64_t size : leaf.shape) shape += (shape.empty() ? "" : ",") + std::to_string(size);
  return quoted(leaf.name) + ":{\"dtype\":\"" + std::string(name_of(leaf.dtype)) + "\",\"shape\":[" + shape +
         "],\"data_offsets\":[" + std::to_string(begin) + ',' + std::to_string(end) + "]}";
}

}  // namespace

core::Result<std::string> safetensors_header(std::span<const NamedTensor> leaves,
                                             std::span<const std::pair<std::string, std::string>> metadata) {
  if (Status valid = check_leaves(leaves); !valid) return std::unexpected(std::move(valid.error()));
  auto json = metadata_json(metadata);
  if (!json) return json;
  std::uint64_t begin = 0;
  for (const NamedTensor& leaf : leaves) {
    const auto size = size_bytes_of(ArrayDescriptor{.dtype = leaf.dtype, .shape = leaf.shape});
    if (!size) return std::unexpected(size.error());
    if (!is_in_safetensors(leaf.dtype)) {
      return core::fail(ErrorCode::unrepresentable,
                        "safetensors has no elements of type " + std::string(name_of(leaf.dtype)) + "; ask for npy");
    }
    if (!json->empty()) *json += ',';
    *json += leaf_json(leaf, begin, begin + *size);
    begin += *size;
    if (json->size() > kHeaderBytesMax) return header_too_large();
  }
  json->insert(json->begin(), '{');
  *json += '}';
  json->append((kAlignmentBytes - json->size() % kAlignmentBytes) % kAlignmentBytes, ' ');
  if (json->size() > kHeaderBytesMax) return header_too_large();
  std::string length;
  for (std::size_t i = 0; i < kLengthBytes; ++i) length += static_cast<char>(json->size() >> (8 * i) & 0xff);
  json->insert(0, length);
  return json;
}

class SafetensorsReader::Impl {
 public:
  Impl(core::EventSink& sink, const SafetensorsLimits& limits) : sink_(sink), limits_(limits), arrays_(sink, 1) {}

  Status put(std::span<const std::byte> bytes) {
    while (step_ != Step::failed && !bytes.empty()) {
      if (Status taken = take(bytes); !taken) return failed(std::move(taken.error()));
    }
    if (step_ == Step::failed) return std::unexpected(error_);
    return {};
  }

  Status finish() {
    if (step_ == Step::failed) return std::unexpected(error_);
    if (step_ == Step::end) return {};
    std::string what = "the input ends before the safetensors header does";
    if (step_ == Step::elements) what = std::to_string(end_ - offset_) + " bytes of the tensors are missing";
    return failed({.code = ErrorCode::truncated, .what = std::move(what)});
  }

  std::uint64_t offset() const { return offset_; }

 private:
  enum class Step : std::uint8_t { length, header, elements, end, failed };

  Status take(std::span<const std::byte>& bytes) {
    switch (step_) {
      case Step::length: return take_length(bytes);
      case Step::header: return take_header(bytes);
      case Step::elements: return take_elements(bytes);
      case Step::end: return core::fail(ErrorCode::trailing_bytes, "there are bytes behind the last tensor");
      case Step::failed: break;
    }
    return std::unexpected(error_);
  }

  Status take_length(std::span<const std::byte>& bytes) {
    header_bytes_ |= std::to_integer<std::uint64_t>(bytes.front()) << (8 * offset_);
    bytes = bytes.subspan(1);
    offset_ += 1;
    if (offset_ < kLengthBytes) return {};
    step_ = Step::header;
    if (header_bytes_ > limits_.header_bytes_max) {
      return core::fail(ErrorCode::limit_exceeded, "the safetensors header has " + std::to_string(header_bytes_) +
                                                       " bytes, more than " + std::to_string(limits_.header_bytes_max));
    }
    if (header_bytes_ >= 2) return {};
    return core::fail(ErrorCode::malformed, "the safetensors header has " + std::to_string(header_bytes_) + " bytes");
  }

  Status take_header(std::span<const std::byte>& bytes) {
    const auto more = bytes.first(std::min<std::uint64_t>(bytes.size(), header_bytes_ - held_.size()));
    held_.append(reinterpret_cast<const char*>(more.data()), more.size());
    bytes = bytes.subspan(more.size());
    offset_ += more.size();
    // What is no header at all is refused before it has come whole.
    if (!held_.starts_with('{') || held_.size() == header_bytes_) return end_header();
    return {};
  }

  Status end_header() {
    auto header = parse_safetensors_header(held_, limits_.tensors_max);
    if (!header) {
      Error error = std::move(header.error());
      error.offset = kLengthBytes + error.offset.value_or(0);
      return std::unexpected(std::move(error));
    }
    core::free_memory(held_);
    header_ = std::move(*header);
    end_ = offset_ + (header_.tensors.empty() ? 0 : header_.tensors.back().end);
    step_ = Step::elements;
    const auto count = static_cast<std::int32_t>(header_.tensors.size()) + (header_.has_metadata ? 1 : 0);
    if (Status taken = sink_.on(event::Table{.index = arrays_.take_index(), .count = count}); !taken) return taken;
    if (Status emitted = emit_metadata(); !emitted) return emitted;
    return begin_tensors();
  }

  Status emit_metadata() {
    if (!header_.has_metadata) return {};
    if (Status taken = emit_string(sink_, kSafetensorsMetadataKey); !taken) return taken;
    const auto count = static_cast<std::int32_t>(header_.metadata.size());
    if (Status taken = sink_.on(event::Table{.index = arrays_.take_index(), .count = count}); !taken) return taken;
    for (const auto& [key, value] : header_.metadata) {
      if (Status taken = emit_string(sink_, key); !taken) return taken;
      if (Status taken = emit_string(sink_, value); !taken) return taken;
    }
    return sink_.on(event::End{});
  }

  /// Begins tensors up to one that has elements, or ends the table.
  Status begin_tensors() {
    while (arrays_.done() && next_ < header_.tensors.size()) {
      const SafetensorsEntry& entry = header_.tensors[next_];
      next_ += 1;
      if (Status taken = emit_string(sink_, entry.name); !taken) return taken;
      if (Status begun = arrays_.begin(entry.form); !begun) return begun;
    }
    if (!arrays_.done()) return {};
    step_ = Step::end;
    return sink_.on(event::End{});
  }

  Status take_elements(std::span<const std::byte>& bytes) {
    const auto taken = arrays_.put(bytes);
    if (!taken) return std::unexpected(taken.error());
    offset_ += *taken;
    bytes = bytes.subspan(*taken);
    return arrays_.done() ? begin_tensors() : Status();
  }

  Status failed(Error error) {
    if (!error.offset) error.offset = offset_;
    if (!error.path) {
      error.path = "";
      if (step_ == Step::elements && next_ > 0) core::append_step(*error.path, header_.tensors[next_ - 1].name);
    }
    step_ = Step::failed;
    error_ = std::move(error);
    return std::unexpected(error_);
  }

  core::EventSink& sink_;
  const SafetensorsLimits limits_;
  ArrayEvents arrays_;
  Step step_ = Step::length;
  std::uint64_t header_bytes_ = 0;
  std::string held_;
  SafetensorsHeader header_;
  std::size_t next_ = 0;  // of the tensors
  std::uint64_t offset_ = 0;
  std::uint64_t end_ = 0;
  Error error_;
};

SafetensorsReader::SafetensorsReader(core::EventSink& sink, const SafetensorsLimits& limits)
    : impl_(std::make_unique<Impl>(sink, limits)) {}
SafetensorsReader::SafetensorsReader(SafetensorsReader&&) noexcept = default;
SafetensorsReader::~SafetensorsReader() = default;

Status SafetensorsReader::put(std::span<const std::byte> bytes) { return impl_->put(bytes); }
Status SafetensorsReader::finish() { return impl_->finish(); }
std::uint64_t SafetensorsReader::offset() const { return impl_->offset(); }

}  // namespace sconce::proto
