#include "proto/formats/arrays/collect_tensors.h"

#include <optional>
#include <unordered_set>

#include "core/graph/tensor.h"
#include "core/text/article.h"
#include "core/text/path.h"
#include "core/text/printable.h"
#include "proto/formats/arrays/safetensors.h"
#include "proto/formats/arrays/tensor_of_part.h"

namespace sconce::proto {

namespace {

using core::ErrorCode;
using core::FoundPart;
using core::PartKind;
using core::Result;

// A leaf, the tensor that is made of it, and what the format keeps of each until its end.
constexpr std::uint64_t kHeldOfALeaf = 640;
constexpr std::uint64_t kNumbersOfAStep = 8;
// Stops names that grow with their depth from becoming gigabytes.
constexpr std::size_t kTextBytesMax = 64 << 20;

/// The name of a key in a joined name; nothing where it has none.
std::optional<std::string> name_of(const core::PartKey& key) {
  if (const auto* text = std::get_if<std::string>(&key)) return *text;
  if (const auto* boolean = std::get_if<bool>(&key)) return *boolean ? "true" : "false";
  const auto* number = std::get_if<double>(&key);
  if (number == nullptr) return std::nullopt;
  std::string text;
  core::append_number(text, *number);
  return text;
}

/// Collects the leaves of an object. A container that is referred to again is entered again.
class LeafCollector {
 public:
  /// `path` is that of the root.
  LeafCollector(core::ObjectParts& object, const core::Path& path)
      : object_(object), root_steps_(path.steps.size()), whole_parts_(object), path_(path) {
    result_.held = core::Held(object.budget());
  }

  Result<CollectedTensors> collect(FoundPart root) {
    const Result<FoundPart> whole = whole_parts_.whole(root);
    if (!whole) return std::unexpected(whole.error());
    root_ = *whole;
    if (core::Status entered = enter(*whole); !entered) return std::unexpected(entered.error());
    while (!open_.empty()) {
      if (core::Status advanced = advance(); !advanced) return std::unexpected(std::move(advanced.error()));
    }
    return std::move(result_);
  }

 private:
  /// A container whose children are being taken.
  struct Open {
    FoundPart container;
    std::uint32_t next;      // to be looked at
    std::size_t name_bytes;  // of `name_`, its own
  };

  /// A leaf becomes one of the result; a container is opened.
  core::Status enter(FoundPart part) {
    if (parts_++ == kLeafPartsMax) {
      return core::fail(ErrorCode::limit_exceeded,
                        "this format would be written of more than " + std::to_string(kLeafPartsMax) + " parts");
    }
    if (part->kind == PartKind::reference) {
      const Result<FoundPart> referred = object_.finder().definition(part->index);
      if (!referred) return std::unexpected(referred.error());
      const Result<FoundPart> whole = whole_parts_.whole(*referred);
      if (!whole) return std::unexpected(whole.error());
      part = *whole;
    }
    if (is_tensor_part(*part)) return add(part);
    if (part->kind != PartKind::table && part->kind != PartKind::instance) {
      return unsayable("this format holds tensors, and this part is " + core::with_article(core::name_of(part->kind)));
    }
    if (part->kind == PartKind::instance) {
      if (core::Status said = check_payload(*part); !said) return said;
    }
    if (!open_indices_.insert(part->index).second) {
      return unsayable("the object contains itself, which this format cannot say");
    }
    open_.push_back({part, part.number + 1, name_.size()});
    return {};
  }

  /// What the class of an instance writes besides objects is in no part.
  core::Status check_payload(const core::OutlinePart& instance) const {
    const auto scalars = payload_scalars(object_, instance);
    if (!scalars) return std::unexpected(scalars.error());
    if (!*scalars) return {};
    return unsayable("this format holds tensors, and the class " + core::printable(instance.class_name) +
                     " writes scalars (" + std::string(core::name_of(**scalars)) + ")");
  }

  /// Takes the next child of the innermost container.
  core::Status advance() {
    if (core::Status spent = object_.budget().spend(1); !spent) return spent;
    Open& open = open_.back();
    path_.steps.resize(root_steps_ + open_.size() - 1);
    name_.resize(open.name_bytes);
    const auto& parts = open.container.outline->parts;
    while (open.next < parts.size() && parts[open.next].parent > open.container.number) open.next += 1;
    if (open.next >= parts.size() || parts[open.next].parent != open.container.number) {
      close();
      return {};
    }
    const FoundPart child{open.container.outline, open.next++};
    if (child->kind == PartKind::nil) return {};  // a pair that is none
    const auto name = name_of(child->key);
    if (!name) return unsayable("this format names parts by text, and a part in here has no name of text");
    std::visit(
        [this](const auto& key) {
          if constexpr (!std::is_same_v<std::decay_t<decltype(key)>, std::monostate>) path_.steps.emplace_back(key);
        },
        child->key);
    const bool in_root = open.container.outline == root_.outline && open.container.number == root_.number;
    if (in_root && *name == kSafetensorsMetadataKey && child->kind == PartKind::table) return take_metadata(child);
    if (!name_.empty()) name_ += '.';
    name_ += *name;
    return enter(child);
  }

  void close() {
    const Open closed = open_.back();
    open_.pop_back();
    open_indices_.erase(closed.container->index);
    if (open_.empty()) return;
    // What stood in place has been seen to its end; what was referred to stands elsewhere.
    Open& around = open_.back();
    const bool in_place =
        around.container.outline == closed.container.outline && around.next == closed.container.number + 1;
    if (in_place) around.next = closed.next;
  }

  core::Status add(FoundPart part) {
    Result<NamedTensor> leaf = tensor_of_part(object_, part, whole_parts_);
    if (!leaf) {
      if (leaf.error().code == ErrorCode::unrepresentable) leaf.error().path = core::to_string(path_);
      return std::unexpected(std::move(leaf.error()));
    }
    if (core::Status taken = take_room(*leaf); !taken) return taken;
    leaf->name = name_;
    result_.tensors.push_back(std::move(*leaf));
    return count_text(name_.size());
  }

  /// Its sizes are copied, and its name stands in what is written.
  core::Status take_room(const NamedTensor& leaf) {
    const std::uint64_t numbers = leaf.numbers();
    if (core::Status spent = object_.budget().spend(numbers / kNumbersOfAStep); !spent) return spent;
    return result_.held.add(kHeldOfALeaf + sizeof(std::int64_t) * numbers + 2 * name_.size());
  }

  core::Status take_metadata(FoundPart table) {
    const auto& parts = table.outline->parts;
    for (std::uint32_t number = table.number + 1; number < parts.size() && parts[number].parent == table.number;
         ++number) {
      if (core::Status spent = object_.budget().spend(1); !spent) return spent;
      const auto name = name_of(parts[number].key);
      if (!name || parts[number].kind != PartKind::string) {
        return unsayable("the metadata of this format are strings by name");
      }
      Result<std::string> text = read_string(object_.source(), parts[number]);
      if (!text) return std::unexpected(std::move(text.error()));
      if (core::Status counted = count_text(name->size() + text->size()); !counted) return counted;
      if (core::Status held = result_.held.add(2 * (name->size() + text->size()) + sizeof(std::string)); !held)
        return held;
      result_.metadata.emplace_back(*name, std::move(*text));
    }
    return {};
  }

  core::Status count_text(std::size_t bytes) {
    text_bytes_ += bytes;
    if (text_bytes_ <= kTextBytesMax) return {};
    return core::fail(ErrorCode::limit_exceeded, "the names and strings in front of the tensors have more than " +
                                                     std::to_string(kTextBytesMax) + " bytes");
  }

  std::unexpected<core::Error> unsayable(std::string what) const {
    return std::unexpected(core::Error{.code = ErrorCode::unrepresentable,
                                       .what = std::move(what),
                                       .offset = std::nullopt,
                                       .path = core::to_string(path_)});
  }

  core::ObjectParts& object_;
  const std::size_t root_steps_;
  FoundPart root_;
  WholeParts whole_parts_;
  std::vector<Open> open_;
  std::unordered_set<std::int32_t> open_indices_;
  std::string name_;  // of the part that is being looked at
  core::Path path_;   // its path
  std::size_t parts_ = 0;
  std::size_t text_bytes_ = 0;
  CollectedTensors result_;
};

}  // namespace

Result<CollectedTensors> collect_tensors(core::ObjectParts& object, FoundPart root, const core::Path& path) {
  return LeafCollector(object, path).collect(root);
}

}  // namespace sconce::proto
