#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "core/event/event.h"
#include "core/limits.h"
#include "proto/formats/arrays/named_tensor.h"
#include "proto/formats/object_reader.h"

namespace sconce::proto {

/// The key of the strings that a safetensors file carries along, in its header and in the table that is read of it.
inline constexpr std::string_view kSafetensorsMetadataKey = "__metadata__";

/// All in front of the elements, which then follow in the order of the leaves, each row-major, nothing between them:
///
///   bytes      what
///   0..7       length of the header, little-endian; a multiple of 8
///   8..        JSON, padded with spaces:
///   {"__metadata__":{"k":"v"},"name":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}
///
/// Offsets count from the end of the header. A tensor of Torch's without dimensions has no elements: its shape is [0].
/// Errors: unrepresentable (two leaves of one name, a name that is not UTF-8 or is that of the metadata, a header
/// larger than the format allows), each naming it.
core::Result<std::string> safetensors_header(std::span<const NamedTensor> leaves,
                                             std::span<const std::pair<std::string, std::string>> metadata);

/// What one safetensors file may ask of its reader.
struct SafetensorsLimits {
  /// Held whole, and its tensors again. The default is the format's own limit.
  std::uint64_t header_bytes_max = core::ReadLimits().header_bytes_max;
  /// Tensors, and pairs of the metadata. Stops a header of nothing but tensors without elements.
  std::size_t tensors_max = 200'000;
};

/// Reads safetensors while it comes. The object is a table of tensors by name, in the order in which their elements lie
/// in the file, with the metadata as a table of strings in front. The header is checked as the reference implementation
/// does: the tensors must fill what is behind it without holes and without overlap.
/// Threads: as ObjectReader. Errors: also trailing_bytes; unrepresentable (a type that no tensor here has).
class SafetensorsReader final : public ObjectReader {
 public:
  /// Lifetime: `sink` is borrowed.
  explicit SafetensorsReader(core::EventSink& sink, const SafetensorsLimits& limits = {});
  SafetensorsReader(SafetensorsReader&&) noexcept;
  ~SafetensorsReader() override;

  core::Status put(std::span<const std::byte> bytes) override;
  core::Status finish() override;
  std::uint64_t offset() const override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sconce::proto
