#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "core/classes/class_layout.h"
#include "core/classes/declared_payload.h"
#include "core/event/event.h"
#include "core/outline/outline.h"

namespace sconce::core {

/// What of the object is wanted.
struct OutlineScope {
  struct Everything {};
  /// Of what the root holds, only this, and the root itself.
  struct Child {
    PathStep key;
  };
  /// Nothing but the part with this index, which then is the root.
  struct Definition {
    std::int32_t index;
  };
  /// The root, and what stands directly in it; what is in that is found by reading it.
  struct Children {};
  /// The root alone. Where each index is defined goes to `offsets_bytes`, in the order of the bytes, up to `count_max`.
  struct Definitions {
    std::vector<std::uint64_t>* offsets_bytes;
    std::size_t count_max;
  };
  std::variant<Everything, Child, Definition, Children, Definitions> wanted = Everything{};
};

/// Makes the outline of the object whose events it is given. The events alone tell where parts are: the size of each in
/// the canonical bytes is known. Memory is bounded by the limits.
/// Lifetime: `classes` are borrowed. Threads: one at a time. Errors: none; what goes beyond the limits is left out.
class OutlineBuilder final : public EventSink {
 public:
  struct Start {
    std::uint64_t offset_bytes = 0;   // where the object begins in the canonical bytes
    std::int32_t indices_before = 0;  // as in ReadOptions
  };

  explicit OutlineBuilder(const ClassLayouts& classes, const OutlineLimits& limits = {});
  OutlineBuilder(const ClassLayouts& classes, const OutlineLimits& limits, const Start& start, OutlineScope scope);

  Status on(const Event& event) override;

  /// Elements that are not given: they lie in the canonical bytes all the same.
  void pass_over(std::uint64_t size_bytes) { position_ += size_bytes; }

  /// Whether all that is wanted has been seen.
  bool satisfied() const { return satisfied_; }

  /// What it has been given.
  std::uint64_t event_count() const { return event_count_; }
  /// Of the parts that it has kept so far.
  std::size_t part_count() const { return outline_.parts.size(); }

  /// The outline; call it once, after the last event. Without parts if what was wanted is not there.
  Outline take();

 private:
  static constexpr std::uint32_t kNoPart = ~std::uint32_t{0};

  /// A container that is open.
  struct Frame {
    enum class Kind : std::uint8_t { table, function, instance, tensor, storage };
    Kind kind = Kind::table;
    std::uint32_t part = kNoPart;  // whose children stand in it
    bool owns_part = false;        // false: a table of fields, whose children stand under what has it
    bool at_key = false;           // of a table
    std::int32_t index = 0;
    std::uint64_t offset_bytes = 0;
    std::size_t children = 0;
    PartKey key = {};                             // of the next value
    std::optional<DeclaredPayload> payload = {};  // of a declared class
  };

  void apply(const event::Nil&);
  void apply(const event::Number& number);
  void apply(const event::Boolean& boolean);
  void apply(const event::String& string);
  void apply(const event::Bytes& bytes);
  void apply(const event::Table& table);
  void apply(const event::Reference& reference);
  void apply(const event::Function& function);
  void apply(const event::Instance& instance);
  void apply(const event::Tensor& tensor);
  void apply(const event::Storage& storage);
  void apply(const event::Scalars& scalars);
  void apply(const event::Elements& elements);
  void apply(const event::End&);

  bool is_key();
  void take_key(PartKey key);
  bool is_field_table();
  OutlinePart* add_leaf(PartKind kind);
  std::uint32_t add_part(PartKind kind, std::int32_t index);
  bool is_sought(std::int32_t index) const;
  bool is_wanted(const PartKey& key, std::int32_t index) const;
  bool has_room(Frame* parent, const PartKey& key);
  void define(std::int32_t index);
  void value_done();
  void string_done();
  OutlinePart* part_of(const Frame& frame) { return frame.part == kNoPart ? nullptr : &outline_.parts[frame.part]; }

  const ClassLayouts& classes_;
  const OutlineLimits limits_;
  const OutlineScope scope_;
  Outline outline_;
  std::vector<Frame> frames_;
  std::uint64_t position_;
  std::uint64_t begin_ = 0;  // of the event being taken
  std::uint64_t event_count_ = 0;
  std::int32_t indices_before_ = 0;  // highest index defined before the current event
  std::int32_t last_index_;
  std::size_t text_bytes_ = 0;
  std::uint64_t string_left_ = 0;
  std::uint64_t code_left_ = 0;
  std::uint32_t string_part_ = kNoPart;
  std::string string_;  // a key that is still coming, as far as it is kept
  bool satisfied_ = false;
};

}  // namespace sconce::core
