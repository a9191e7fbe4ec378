#pragma once

#include <cstdint>
#include <memory>

#include "core/budget.h"
#include "core/bytes/byte_source.h"
#include "core/classes/class_layout.h"
#include "core/outline/outline.h"
#include "core/outline/part_finder.h"

namespace sconce::core {

/// An object in canonical bytes, whose parts can be found and read one by one.
/// Lifetime: what is found and read of it lives as long as this. Threads: one at a time.
class ObjectParts {
 public:
  struct Options {
    /// Borrowed.
    const ClassLayouts* classes = &default_class_layouts();
    /// An object whose indices are not in order cannot be read from the middle: it is numbered anew, in memory, if it
    /// has no more bytes than this.
    std::uint64_t renumbered_bytes_max = std::uint64_t{64} << 20;
    /// Of the request that this is for; null: one of its own.
    std::shared_ptr<Budget> budget = nullptr;
  };

  /// Without an outline (null) the object is read once, but for its elements. Errors: the source's; corrupt;
  /// limit_exceeded (an object that would have to be numbered anew is too large; the budget).
  static Result<std::unique_ptr<ObjectParts>> open(std::shared_ptr<ByteSource> source,
                                                   std::shared_ptr<const Outline> outline, Options options);
  ObjectParts(const ObjectParts&) = delete;
  ObjectParts& operator=(const ObjectParts&) = delete;

  ByteSource& source() { return *source_; }
  /// Its bytes, which may outlive this.
  const std::shared_ptr<ByteSource>& shared_source() { return source_; }
  Budget& budget() { return *options_.budget; }
  PartFinder& finder() { return finder_; }
  const ClassLayouts& classes() const { return *options_.classes; }

 private:
  ObjectParts(std::shared_ptr<ByteSource> source, std::shared_ptr<const Outline> outline, Options options);

  const Options options_;
  const std::shared_ptr<ByteSource> source_;
  const std::shared_ptr<const Outline> outline_;
  PartFinder finder_;
};

}  // namespace sconce::core
