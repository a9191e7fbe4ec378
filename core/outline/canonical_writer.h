#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "core/bytes/byte_sink.h"
#include "core/outline/outline.h"
#include "core/torch7/event_reader.h"
#include "core/torch7/format.h"

namespace sconce::core {

/// Whether the parts of an object are noted while it is written. That takes a fifth of the time that a table takes.
enum class Outlining : std::uint8_t { on, off };

/// Reads one object in any format while it comes, and writes its canonical bytes: what 64-bit Torch7 writes in binary,
/// referenced. Input that is canonical already is checked and passed on as it is. Memory does not grow with the object.
///
/// Lifetime: `out` is borrowed. Threads: one at a time.
class CanonicalWriter {
 public:
  /// `format` may be `automatic`: then up to kSniffBytesMax are held back until it is detected.
  CanonicalWriter(Format format, ByteSink& out, const ReadOptions& options, Outlining outlining = Outlining::on);
  CanonicalWriter(CanonicalWriter&&) noexcept;
  CanonicalWriter& operator=(CanonicalWriter&&) noexcept;
  ~CanonicalWriter();

  /// The next bytes of the input. Errors: the reader's, with offset and path; unknown_format; those of `out`.
  Status put(std::span<const std::byte> bytes);

  /// Nothing follows; all has gone to `out` when it returns. Errors: also truncated.
  Status finish();

  /// `nil`, `number`, `tensor`, … : what the root is, once its first bytes have been read; empty before.
  std::string_view root_kind() const;

  /// As EventReader's; call it after `finish`.
  const UndeclaredClasses& undeclared() const;

  /// What has been written, and where its parts lie. Call it once, after `finish`, where outlining is on.
  Outline take_outline();

  static constexpr std::size_t kSniffBytesMax = 1 << 20;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sconce::core
