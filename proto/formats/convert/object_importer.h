#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "core/bytes/byte_sink.h"
#include "core/bytes/spool.h"
#include "core/outline/canonical_writer.h"
#include "core/outline/outline.h"
#include "core/torch7/event_reader.h"
#include "proto/formats/object_format.h"
#include "proto/formats/skipped_entries.h"

namespace sconce::proto {

/// What a reader of any format is to do.
struct ImportRequest {
  ObjectFormat format = ObjectFormat::automatic;  ///< Not plain_json.
  /// Of Torch's formats. For the others only `classes` and `limits` mean something.
  core::ReadOptions read = {};
  /// Makes what npz is kept in, whose list of parts stands at its end.
  std::function<core::Result<std::unique_ptr<core::Spool>>()> spool;
  /// Off: `take_outline` is called only where `has_outline`, as after an npz, which may become much larger.
  core::Outlining outlining = core::Outlining::on;
  /// Of all arrays in an npz together.
  std::uint64_t elements_bytes_max = std::uint64_t{1} << 40;
};

/// Takes one object in any format while it comes, and writes its canonical bytes (core/outline/canonical_writer.h).
/// What is not in Torch's formats is made canonical, and then read as if it had come so: whatever comes out has been
/// checked. `automatic` tells npy, npz, safetensors and json by how they begin, which no object of Torch's does.
///
/// Lifetime: `out` is borrowed. Threads: one at a time.
class ObjectImporter {
 public:
  ObjectImporter(const ImportRequest& request, core::ByteSink& out);
  ObjectImporter(ObjectImporter&&) noexcept;
  ~ObjectImporter();

  /// Errors: the reader's, with the offset in the input and the path; those of `out` and of the spool.
  core::Status put(std::span<const std::byte> bytes);
  /// Nothing follows; all has gone to `out` when it returns. Errors: also truncated.
  core::Status finish();

  /// As CanonicalWriter's.
  std::string_view root_kind() const;
  const core::UndeclaredClasses& undeclared() const;
  /// What of an npz was no array. Call it after `finish`.
  SkippedEntries skipped() const;
  bool has_outline() const;
  core::Outline take_outline();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The format of others that input begins with; nothing if it is one of Torch's. Looks at the first kForeignBeginBytes,
/// so that the answer does not depend on how the input is cut: `begin` has them, or is all of the input.
std::optional<ObjectFormat> foreign_format_of(std::span<const std::byte> begin);
inline constexpr std::size_t kForeignBeginBytes = 64;
inline constexpr std::string_view kZipBegins[] = {"PK\3\4", "PK\5\6"};  ///< Of an npz that is told so.

/// How many canonical bytes `body`, all of an object in `format`, may become at most. Nothing: there is no such bound,
/// because what is in it is compressed.
std::optional<std::uint64_t> canonical_bytes_max(ObjectFormat format, std::span<const std::byte> body);

}  // namespace sconce::proto
