#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/budget.h"
#include "core/bytes/byte_source.h"
#include "core/classes/class_layout.h"
#include "core/outline/outline.h"
#include "core/outline/outline_builder.h"
#include "core/outline/outline_index.h"
#include "core/tensor/tensor_view.h"
#include "core/text/path.h"

namespace sconce::core {

/// The outline of the object that begins at `start` of canonical bytes, read without its elements. What it takes to
/// read it is drawn from the budget; its memory is bounded by `limits`. Errors: corrupt, limit_exceeded and the
/// source's; the reader's.
Result<Outline> scan_outline(ByteSource& source, const ClassLayouts& classes, Budget& budget,
                             const OutlineLimits& limits = {}, const OutlineBuilder::Start& start = {},
                             const OutlineScope& scope = {});

/// What an outline takes in memory, about.
std::uint64_t held_bytes_of(const Outline& outline);

/// A part, and the outline in which it stands.
struct FoundPart {
  const Outline* outline = nullptr;
  std::uint32_t number = 0;
  const OutlinePart& operator*() const { return outline->parts[number]; }
  const OutlinePart* operator->() const { return &outline->parts[number]; }
};

/// Finds parts of an object: in its outline, and where that is not complete, by reading. What is looked for again and
/// again is indexed, so that n parts cost about one reading; all of it is drawn from a budget.
/// Lifetime: source, outline, classes and budget are borrowed; what is found lives as long as this. Threads: one at a
/// time.
class PartFinder {
 public:
  /// The outline must be in order.
  PartFinder(ByteSource& source, const Outline& outline, const ClassLayouts& classes, Budget& budget)
      : source_(source), outline_(outline), classes_(classes), budget_(budget), held_(budget) {}

  FoundPart root() const { return {&outline_, 0}; }
  Budget& budget() { return budget_; }

  /// The part at the path; never a reference, but what it refers to. Of equal keys the last counts. Errors: not_found,
  /// naming the first step that fails, and what is there instead; limit_exceeded.
  Result<FoundPart> find(const Path& path);

  /// Where this index is defined. Errors: corrupt, if it is not; limit_exceeded.
  Result<FoundPart> definition(std::int32_t index);

  /// Where the elements of a tensor lie. Errors: corrupt, if they are not in its storage; limit_exceeded, if they
  /// overlap so often that their bytes cannot be counted.
  Result<TensorView> view_of(const OutlinePart& tensor);

 private:
  /// An outline that is searched: one by one at first, by an index if that is done often.
  struct Searched {
    std::size_t count = 0;
    std::unique_ptr<OutlineIndex> index;
  };
  /// A container that its outline does not hold whole: it is read for one child at first, for all if that is done
  /// often.
  struct Container {
    std::size_t count = 0;
    const Outline* children = nullptr;
  };

  Result<FoundPart> child_of(FoundPart parent, const PathStep& step);
  Result<FoundPart> child_by_reading(FoundPart parent, const PathStep& step);
  Result<std::optional<FoundPart>> last_in(const Outline& outline, std::uint32_t parent, const PathStep& step);
  Result<const Outline*> definition_by_reading(std::int32_t index);
  Status find_definitions();
  Result<const Outline*> scan(const OutlineBuilder::Start& from, const OutlineScope& scope,
                              const OutlineLimits& limits);
  Status remember(const Outline& outline);
  std::unexpected<Error> not_there(FoundPart parent, const PathStep& step) const;

  ByteSource& source_;
  const Outline& outline_;
  const ClassLayouts& classes_;
  Budget& budget_;
  Held held_;
  std::deque<Outline> scanned_;
  std::unordered_map<const Outline*, Searched> searched_;
  std::unordered_map<std::uint64_t, Container> containers_;  // by their offset
  std::unordered_map<std::int32_t, FoundPart> definitions_;  // empty until it is asked for
  std::size_t definitions_read_ = 0;
  std::vector<std::uint64_t> definition_offsets_bytes_;  // of the indices 1, 2, 3, …; empty until many are read
};

}  // namespace sconce::core
