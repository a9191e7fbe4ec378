#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>

#include "core/byte_source.h"
#include "core/class_layout.h"
#include "core/outline.h"
#include "core/outline_builder.h"
#include "core/path.h"
#include "core/tensor_view.h"

namespace sconce::core {

/// The outline of the object that begins at `start` of canonical bytes, read without its elements. Errors: corrupt and
/// the source's; the reader's.
Result<Outline> scan_outline(ByteSource& source, const ClassLayouts& classes, const OutlineLimits& limits = {},
                             const OutlineBuilder::Start& start = {}, const OutlineScope& scope = {});

/// A part, and the outline in which it stands.
struct FoundPart {
  const Outline* outline = nullptr;
  std::uint32_t number = 0;
  const OutlinePart& operator*() const { return outline->parts[number]; }
  const OutlinePart* operator->() const { return &outline->parts[number]; }
};

/// Finds parts of an object: in its outline, and where that is not complete, by reading.
/// Lifetime: source, outline and classes are borrowed; what is found lives as long as this. Threads: one at a time.
class PartFinder {
 public:
  /// What one request may have read because the outline does not hold it. Stops n references to what it lacks from
  /// reading the object n times.
  static constexpr std::size_t kScansMax = 64;

  /// The outline must be in order.
  PartFinder(ByteSource& source, const Outline& outline, const ClassLayouts& classes)
      : source_(source), outline_(outline), classes_(classes) {}

  FoundPart root() const { return {&outline_, 0}; }

  /// The part at the path; never a reference, but what it refers to. Of equal keys the last counts. Errors: not_found,
  /// naming the first step that fails, and what is there instead.
  Result<FoundPart> find(const Path& path);

  /// Where this index is defined. Errors: corrupt, if it is not; limit_exceeded.
  Result<FoundPart> definition(std::int32_t index);

  /// Where the elements of a tensor lie. Errors: corrupt, if they are not in its storage; limit_exceeded, if they
  /// overlap so often that their bytes cannot be counted.
  Result<TensorView> view_of(const OutlinePart& tensor);

 private:
  Result<FoundPart> child_of(FoundPart parent, const PathStep& step);
  Result<const Outline*> scan(const OutlinePart& from, const OutlineScope& scope);
  void remember(const Outline& outline);
  std::unexpected<Error> not_there(FoundPart parent, const PathStep& step) const;

  ByteSource& source_;
  const Outline& outline_;
  const ClassLayouts& classes_;
  std::deque<Outline> scanned_;
  std::unordered_map<std::int32_t, FoundPart> definitions_;  // empty until it is asked for
};

}  // namespace sconce::core
