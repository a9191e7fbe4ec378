#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/bytes/byte_sink.h"
#include "core/bytes/byte_source.h"
#include "core/error.h"
#include "core/event/event.h"
#include "proto/formats/skipped_entries.h"

namespace sconce::proto {

/// Writes numpy's .npz: a zip of .npy files, as `numpy.savez` makes it, that is not compressed. The same entries give
/// the same bytes. What an entry holds, its header (npy_header.h) and its elements, comes from the caller.
///
/// Lifetime: `out` is borrowed. Threads: one call at a time, of any thread. After an error nothing more can be written.
class NpzWriter {
 public:
  explicit NpzWriter(core::ByteSink& out);
  NpzWriter(NpzWriter&&) noexcept;
  ~NpzWriter();

  /// Begins the entry `name`.npy of that many bytes, which `write` must then bring. Errors: unrepresentable (a name
  /// that is not UTF-8, has a NUL, is too long, has a backslash, leads out of the folder that it is unpacked in, or was
  /// there before, naming it), invalid_argument (the entry before is not complete), and those of `out`.
  core::Status begin(std::string_view name, std::uint64_t size_bytes);

  /// The next bytes of the entry. Errors: invalid_argument (more than were announced), and those of `out`.
  core::Status write(std::span<const std::byte> bytes);

  /// The directory at the end; call it once. Errors: as `begin`.
  core::Status finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Reads a .npz, stored or deflated, all of which is in `zip`. The object is a table of arrays (see NpyReader) by name,
/// without `.npy`, in the order of the zip. Memory does not grow with the arrays.
/// `elements_bytes_max` bounds what all entries together may decompress to, and so do 256 MiB, or 128 times the size of
/// the zip where that is more. Stops a small zip from becoming petabytes. Its directory has at most 16 MiB.
/// Entries that are no arrays are left out, and `skipped`, if it is given, names them: folders, other files than .npy,
/// what macOS adds, and arrays of strings, which no tensor has.
/// Errors: malformed (no zip, a wrong checksum, two arrays of one name, naming it, no array at all, a PyTorch file);
/// limit_exceeded; unrepresentable, truncated and trailing_bytes of an entry, with its path; the source's and the
/// sink's.
core::Status read_npz(core::ByteSource& zip, core::EventSink& sink, std::uint64_t elements_bytes_max,
                      SkippedEntries* skipped = nullptr);

}  // namespace sconce::proto
