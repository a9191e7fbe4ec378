#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

#include "core/graph/object.h"
#include "core/graph/object_builder.h"
#include "core/torch7/event_reader.h"
#include "core/torch7/format.h"

namespace sconce::core {

/// Torch's four calls, with Torch's names, arguments and defaults; `Format::automatic` detects what is read.
/// Threads: safe from many, on different objects.

/// Writes `object` to a file: to a temporary file beside it, synced, then renamed over it, so that `path` always holds
/// either the old object or the new one, whole.
/// Errors: unrepresentable, with the path inside the object; io_error, no_space.
Status save(const std::filesystem::path& path, const Value& object, Format format = Format::binary,
            bool referenced = true);

/// Maps the file; the storages of binary files stay where they are, so that loading costs what the structure costs, and
/// pages are read when elements are. The file must not be changed in place while the object lives (`save` never does).
/// Bytes after the object are ignored.
/// Errors: not_found, io_error, and those of reading, with offset and path.
Result<Object> load(const std::filesystem::path& path, Format format = Format::binary, bool referenced = true);

/// Errors: unrepresentable, with the path inside the object.
Result<std::string> serialize(const Value& object, Format format = Format::binary, bool referenced = true);

/// Bytes after the object are ignored; the object owns all that it holds. Errors: those of reading, with offset and
/// path.
Result<Object> deserialize(std::span<const std::byte> bytes, Format format = Format::binary);
Result<Object> deserialize(std::string_view bytes, Format format = Format::binary);

/// What `load` and `deserialize` do, in full.
struct DeserializeOptions {
  Format format = Format::binary;
  ReadOptions read = {};
  /// `view`: storages and long strings stay in `bytes`, which must outlive the object.
  Elements elements = Elements::copy;
};
struct Deserialized {
  Object object;
  std::size_t used_bytes = 0;      ///< How many bytes the object took; another object may follow there.
  Format format = Format::binary;  ///< As detected.
};
Result<Deserialized> deserialize(std::span<const std::byte> bytes, const DeserializeOptions& options);

}  // namespace sconce::core
