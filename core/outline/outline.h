#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/error.h"
#include "core/event/element_type.h"
#include "core/event/kind.h"
#include "core/text/path.h"

namespace sconce::core {

/// The kind of a part in an outline: those of core/event/kind.h, and `reference`. Outlines are stored with these
/// numbers.
enum class PartKind : std::uint8_t {
  nil,
  boolean,
  number,
  string,
  table,
  function,
  instance,
  tensor,
  storage,
  reference,  ///< Another occurrence of the part `index`.
};

/// `nil`, `boolean`, …
std::string_view name_of(PartKind kind);

/// What a part is called within its parent: a step of a path, or nothing where no step leads to it (the root, a
/// tensor's storage, a class's payload that is no table).
using PartKey = std::variant<std::monostate, std::string, double, bool, KeyIndex>;

/// Where a storage lies.
struct StorageExtent {
  std::int32_t index = 0;
  std::int64_t count = 0;
  std::uint64_t offset_bytes = 0;           // of its tag, in the canonical bytes
  std::uint64_t elements_offset_bytes = 0;  // in the canonical bytes
  friend bool operator==(const StorageExtent&, const StorageExtent&) = default;
};

/// One part of an object. Fields of a class instance stand directly under the instance, and upvalues under the
/// function; the tables that hold them are no parts.
struct OutlinePart {
  std::uint32_t parent = 0;  // its place in the outline, less than the part's own; the root: 0
  PartKey key = {};
  PartKind kind = PartKind::nil;
  std::uint64_t offset_bytes = 0;  // of its tag, in the canonical bytes
  std::uint64_t size_bytes = 0;    // all of it
  std::int32_t index = 0;          // of a table, function, instance, tensor, storage; of a reference: what it refers to
  /// The greatest index of what begins before it, in an outline that is in order: `ReadOptions::indices_before`.
  std::int32_t indices_before = 0;
  std::string class_name = {};  // of an instance; of tensors and storages only by their class below
  /// Pairs of a table, bytes of a string or of code, elements of a storage.
  std::int64_t count = 0;
  /// Whether all that it holds is in the outline; otherwise the rest is found by reading it.
  bool complete = true;

  TensorClass tensor_class{};              // of tensors and storages
  std::vector<std::int64_t> sizes = {};    // of a tensor
  std::vector<std::int64_t> strides = {};  // of a tensor
  std::int64_t storage_offset = 0;         // of a tensor, from 1
  /// For a storage: its extent. For a tensor: the extent of its storage if it is defined inside this tensor, only the
  /// index if defined earlier, empty if there is no storage.
  std::optional<StorageExtent> storage = std::nullopt;
  bool storage_is_elsewhere = false;  // only `storage->index` is known here

  friend bool operator==(const OutlinePart&, const OutlinePart&) = default;
};

/// How much an outline may hold. Stops ten million entries of a table from becoming ten million parts.
struct OutlineLimits {
  std::size_t parts_max = 16'384;
  /// Of one container. What is behind them is found by reading the container.
  std::size_t children_max = 4'096;
  /// Parts deeper than this only get three quarters of `parts_max`, so that a huge first part leaves room for what
  /// stands beside it.
  std::size_t shallow_depth = 2;
  /// Keys and class names of more bytes are not kept: their part is then only found by reading.
  std::size_t key_bytes_max = 1'024;
  /// Of all keys, class names, sizes and strides together.
  std::size_t bytes_max = std::size_t{1} << 20;
};

/// What is in an object and where: its parts in the order of the canonical bytes, so a part comes after its parent.
/// Threads: as a value. Units: bytes where a name says so, else elements.
struct Outline {
  std::vector<OutlinePart> parts;  // the first is the root
  /// Whether indices are 1, 2, 3, … in the order of the bytes, as Torch writes them, so that every index below that of
  /// a part stands before it. Otherwise no part can be read without reading what stands before it.
  bool in_order = true;
};

/// As bytes, to be kept beside the object; outline_codec.cc describes the layout.
std::string encode_outline(const Outline& outline);
/// Whether `decode_outline` knows their layout: one that an older version wrote has to be made again.
bool is_current_outline(std::string_view bytes);
/// Errors: corrupt.
Result<Outline> decode_outline(std::string_view bytes);

}  // namespace sconce::core
