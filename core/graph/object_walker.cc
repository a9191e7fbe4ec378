#include "core/graph/object_walker.h"

#include <limits>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "core/limits.h"
#include "core/text/path.h"

namespace sconce::core {
namespace {

/// A container whose parts are being produced: part `next` comes next. A table's parts are key, value, key, value, …
struct Frame {
  Value container;
  std::size_t next = 0;
};

class Walker {
 public:
  Walker(EventSink& sink, const WalkOptions& options) : sink_(sink), options_(options) {}

  Status walk(const Value& root) {
    Status status = visit(root);
    while (status && !stack_.empty()) status = go_on();
    if (!status && !status.error().path) status.error().path = path();
    return status;
  }

 private:
  /// Produces the next part of the innermost container, or its end.
  Status go_on() {
    Frame& frame = stack_.back();
    const std::size_t part = frame.next++;
    switch (frame.container.kind()) {
      case Kind::table: {
        const auto slots = frame.container.table()->slots();
        if (part == 2 * slots.size()) return end();
        const auto& [key, value] = slots[part / 2];
        if (value.is_nil()) return {};  // a pair that was removed
        return visit(part % 2 == 0 ? key : value);
      }
      case Kind::function: return part == 0 ? visit(frame.container.function()->upvalues()) : end();
      case Kind::tensor: return part == 0 ? visit_storage(frame.container.tensor()->storage()) : end();
      default: return go_on_with_instance(*frame.container.instance(), part);
    }
  }

  Status go_on_with_instance(const Instance& instance, std::size_t part) {
    if (part == instance.payload().size()) return end();
    const PayloadItem& item = instance.payload()[part];
    if (const auto* value = std::get_if<Value>(&item)) return visit(*value);
    const auto& scalars = std::get<ScalarArray>(item);
    if (Status status = emit(event::Scalars{.type = scalars.type, .count = scalars.count}); !status) return status;
    return emit_elements(scalars.type, scalars.bytes);
  }

  Status visit(const Value& value) {
    switch (value.kind()) {
      case Kind::nil: return emit(event::Nil{});
      case Kind::boolean: return emit(event::Boolean{*value.boolean() ? 1 : 0});
      case Kind::number: return emit(event::Number{*value.number()});
      case Kind::string: return emit_string(*value.string());
      case Kind::table: return visit_node(tag::kTable, value);
      case Kind::function: return visit_node(value.function()->tag(), value);
      default: return visit_node(tag::kInstance, value);
    }
  }

  Status visit_storage(const Storage* storage) { return visit(storage != nullptr ? Value(*storage) : Value()); }

  Status visit_node(std::int32_t tag, const Value& value) {
    const bool has_index = tag != tag::kFunctionWithoutIndex;
    if (options_.referenced && has_index) {
      const auto [known, is_new] = indices_.try_emplace(value.node(), last_index_ + 1);
      if (!is_new) return emit(event::Reference{.tag = tag, .index = known->second});
    }
    if (Status status = admit(value); !status) return status;
    if (has_index && last_index_ == std::numeric_limits<std::int32_t>::max()) {
      return fail(ErrorCode::limit_exceeded, "more objects than 2147483647, the highest index");
    }
    return begin(value, has_index ? ++last_index_ : 0);
  }

  /// With `referenced` false: the parts on the way to this one must not hold it, and there may be too many of them.
  Status admit(const Value& value) {
    if (options_.referenced) return {};
    if (++parts_ > options_.expanded_parts_max) {
      return fail(ErrorCode::limit_exceeded, "writing what is shared in full takes more than " +
                                                 std::to_string(options_.expanded_parts_max) +
                                                 " parts; write it with referenced=true");
    }
    if (value.kind() == Kind::storage || on_the_way_.insert(value.node()).second) return {};
    return fail(ErrorCode::unrepresentable, "the object contains itself, which only referenced=true can say");
  }

  Status begin(const Value& value, std::int32_t index) {
    switch (value.kind()) {
      case Kind::table: {
        const auto count = value.table()->size();
        return open(value, event::Table{.index = index, .count = static_cast<std::int32_t>(count)});
      }
      case Kind::function: return begin_function(value, index);
      case Kind::tensor: return begin_tensor(value, index);
      case Kind::storage: return emit_storage(*value.storage(), index);
      default: return open(value, event::Instance{.index = index, .header = value.instance()->header()});
    }
  }

  Status begin_function(const Value& value, std::int32_t index) {
    const Function& function = *value.function();
    std::optional<std::int32_t> wire_index;
    if (function.tag() != tag::kFunctionWithoutIndex) wire_index = index;
    const event::Function event{.tag = function.tag(), .index = wire_index, .size_bytes = function.code().size()};
    if (Status status = open(value, event); !status) return status;
    return function.code().empty() ? Status() : emit_bytes(function.code());
  }

  Status begin_tensor(const Value& value, std::int32_t index) {
    const Tensor& tensor = *value.tensor();
    if (Status status = open(value, event::Instance{.index = index, .header = tensor.header()}); !status) return status;
    return emit(event::Tensor{.tensor_class = tensor.tensor_class(),
                              .sizes = tensor.sizes(),
                              .strides = tensor.strides(),
                              .offset = tensor.offset()});
  }

  Status emit_storage(const Storage& storage, std::int32_t index) {
    if (Status status = emit(event::Instance{.index = index, .header = storage.header()}); !status) return status;
    const event::Storage event{.tensor_class = storage.tensor_class(), .count = storage.count()};
    if (Status status = emit(event); !status) return status;
    if (Status status = emit_elements(storage.type(), storage.bytes()); !status) return status;
    return emit(event::End{});
  }

  Status open(const Value& container, const Event& event) {
    stack_.push_back({.container = container});
    return emit(event);
  }

  Status end() {
    if (!options_.referenced) on_the_way_.erase(stack_.back().container.node());
    stack_.pop_back();
    return emit(event::End{});
  }

  Status emit_string(std::string_view bytes) {
    if (bytes.size() <= kInlineStringBytesMax) return emit(event::String{.size_bytes = bytes.size(), .bytes = bytes});
    if (Status status = emit(event::String{.size_bytes = bytes.size(), .bytes = {}}); !status) return status;
    return emit_bytes(bytes);
  }

  Status emit_bytes(std::string_view bytes) {
    if (Status status = count(bytes.size()); !status) return status;
    return emit(event::Bytes{bytes});
  }

  Status emit_elements(ElementType type, std::span<const std::byte> bytes) {
    if (Status status = count(bytes.size()); !status) return status;
    return bytes.empty() ? Status() : emit(event::Elements{.type = type, .bytes = bytes});
  }

  Status count(std::size_t size_bytes) {
    bytes_ += size_bytes;
    if (options_.referenced || bytes_ <= options_.expanded_bytes_max) return {};
    return fail(ErrorCode::limit_exceeded, "writing what is shared in full takes more than " +
                                               std::to_string(options_.expanded_bytes_max) +
                                               " bytes; write it with referenced=true");
  }

  Status emit(const Event& event) { return sink_.on(event); }

  std::string path() const {
    return path_through(stack_, [this](const Frame& frame) { return step_of(frame); });
  }

  /// The step from a container to the part that is being produced; nothing where the part stands directly under it.
  std::optional<PathStep> step_of(const Frame& frame) const {
    const Table* table = frame.container.table();
    const std::size_t part = frame.next == 0 ? 0 : frame.next - 1;
    if (table == nullptr || part / 2 >= table->slots().size()) return std::nullopt;
    const Value& key = table->slots()[part / 2].first;
    if (key.number()) return *key.number();
    if (key.boolean()) return *key.boolean();
    if (key.string()) return std::string(key.string()->substr(0, kPathKeyBytesMax + 1));
    const auto known = indices_.find(key.node());
    return KeyIndex{known != indices_.end() ? known->second : 0};
  }

  EventSink& sink_;
  const WalkOptions& options_;
  std::vector<Frame> stack_;
  std::unordered_map<const void*, std::int32_t> indices_;  // referenced
  std::unordered_set<const void*> on_the_way_;             // not referenced
  std::int32_t last_index_ = 0;
  std::uint64_t parts_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace

Status walk(const Value& value, EventSink& sink, const WalkOptions& options) {
  return Walker(sink, options).walk(value);
}

}  // namespace sconce::core
