#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "core/event/event.h"
#include "proto/formats/arrays/array_emitter.h"
#include "proto/formats/arrays/npy_header.h"
#include "proto/formats/object_reader.h"

namespace sconce::proto {

/// Reads numpy's .npy, versions 1 to 3, either byte order. The object is Torch's tensor, or a sconce.Tensor
/// (dtype.h); Fortran order becomes strides.
/// Threads: as ObjectReader. Errors: also trailing_bytes; unrepresentable (records, objects, strings, complex numbers,
/// times).
class NpyReader final : public ObjectReader {
 public:
  /// Lifetime: `sink` is borrowed. Objects are numbered from `first_index` on.
  explicit NpyReader(core::EventSink& sink, std::int32_t first_index = 1) : array_(sink, first_index) {}

  core::Status put(std::span<const std::byte> bytes) override;
  core::Status finish() override;
  std::uint64_t offset() const override { return offset_; }

  /// The index behind those of the array.
  std::int32_t next_index() { return array_.take_index(); }

 private:
  enum class Step : std::uint8_t { prefix, header, elements, failed };

  core::Status take(std::span<const std::byte>& bytes);
  core::Status take_prefix(std::span<const std::byte>& bytes);
  core::Status take_header(std::span<const std::byte>& bytes);
  core::Status take_elements(std::span<const std::byte>& bytes);
  bool fill(std::span<const std::byte>& bytes, std::size_t size);
  core::Status failed(core::Error error);

  ArrayEvents array_;
  Step step_ = Step::prefix;
  std::string held_;  // the prefix, then the header
  std::size_t header_bytes_ = 0;
  std::uint64_t offset_ = 0;
  core::Error error_;
};

}  // namespace sconce::proto
