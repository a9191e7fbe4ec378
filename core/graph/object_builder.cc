#include "core/graph/object_builder.h"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>
#include <vector>

#include "core/bytes/byte_buffer.h"
#include "core/event/index_table.h"
#include "core/limits.h"

namespace sconce::core {
namespace {

/// Entries that a table makes room for on the word of its count alone.
constexpr std::size_t kReservedEntriesMax = 64;

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A container whose parts are still coming.
struct Open {
  Kind kind = Kind::nil;
  Value value = {};
  Table* table = nullptr;
  Function* function = nullptr;
  Instance* instance = nullptr;
  bool has_key = false;
  Value key = {};

  // Tensors and storages are made when all is known.
  std::int32_t index = 0;
  const ClassHeader* header = nullptr;
  TensorClass tensor_class{};
  std::span<const std::int64_t> sizes = {};
  std::span<const std::int64_t> strides = {};
  std::int64_t offset = 0;
};

/// Bytes or elements that are still coming.
struct Pending {
  enum class Kind : std::uint8_t { none, string, code, storage, scalars };
  Kind kind = Kind::none;
  ElementType type = ElementType::u8;
  std::int64_t count = 0;
  std::int32_t tag = 0;
  std::uint64_t left = 0;  // bytes
  ByteBuffer buffer;
};

}  // namespace

class ObjectBuilder::Impl {
 public:
  explicit Impl(core::Elements elements) : elements_(elements) {}

  Status on(const Event& event) {
    std::visit([this](const auto& e) { apply(e); }, event);
    return {};
  }

  Object finish() {
    assert(open_.empty() && has_root_);
    return std::move(object_);
  }

 private:
  void apply(const event::Nil&) { add(Value()); }
  void apply(const event::Number& number) { add(Value(number.value)); }
  void apply(const event::Boolean& boolean) { add(Value(boolean.value())); }
  void apply(const event::Reference& reference) { add(*known_.find(reference.index)); }

  void apply(const event::String& string) {
    if (string.is_inline()) return add(object_.make_string(string.bytes));
    expect(Pending::Kind::string, string.size_bytes);
  }

  void apply(const event::Table& table) {
    Table& node = object_.make_table();
    node.reserve(std::min(static_cast<std::size_t>(std::max(table.count, 0)), kReservedEntriesMax));
    know(table.index, Value(node));
    open_.push_back({.kind = Kind::table, .value = Value(node), .table = &node});
  }

  void apply(const event::Function& function) {
    Function& node = object_.make_function_view(function.tag);
    if (function.index) know(*function.index, Value(node));
    open_.push_back({.kind = Kind::function, .value = Value(node), .function = &node});
    if (function.size_bytes > 0) expect(Pending::Kind::code, function.size_bytes);
  }

  void apply(const event::Instance& instance) {
    open_.push_back({.kind = Kind::instance, .index = instance.index, .header = object_.intern(instance.header)});
    const bool is_array = tensor_class_from_name(instance.header.name) || storage_class_from_name(instance.header.name);
    if (is_array) return know(instance.index, Value());  // the node follows; its place in the order of indices is here
    Instance& node = object_.make_instance(instance.header.name, instance.header.version);
    open_.back().instance = &node;
    open_.back().value = Value(node);
    know(instance.index, Value(node));
  }

  void apply(const event::Tensor& tensor) {
    Open& open = open_.back();
    open.kind = Kind::tensor;
    open.tensor_class = tensor.tensor_class;
    open.sizes = object_.copy(tensor.sizes);
    open.strides = object_.copy(tensor.strides);
    open.offset = tensor.offset;
  }

  void apply(const event::Storage& storage) {
    Open& open = open_.back();
    open.kind = Kind::storage;
    open.tensor_class = storage.tensor_class;
    expect(Pending::Kind::storage, bytes_of(storage.tensor_class.type, storage.count));
    pending_.type = storage.tensor_class.type;
    if (storage.count == 0) arrived({});
  }

  void apply(const event::Scalars& scalars) {
    expect(Pending::Kind::scalars, bytes_of(scalars.type, scalars.count));
    pending_.type = scalars.type;
    pending_.count = scalars.count;
    if (scalars.count == 0) arrived({});
  }

  void apply(const event::Bytes& bytes) { part(std::as_bytes(std::span(bytes.bytes))); }
  void apply(const event::Elements& elements) { part(elements.bytes); }

  void apply(const event::End&) {
    const Open closed = open_.back();
    open_.pop_back();
    if (closed.kind == Kind::table) closed.table->finish_appending();
    add(closed.value);
  }

  static std::uint64_t bytes_of(ElementType type, std::int64_t count) {
    return static_cast<std::uint64_t>(count) * size_bytes_of(type);
  }

  void know(std::int32_t index, Value value) { known_.insert(index, value); }

  void expect(Pending::Kind kind, std::uint64_t size_bytes) {
    pending_.kind = kind;
    pending_.left = size_bytes;
    pending_.buffer = ByteBuffer(size_bytes);
  }

  /// The next part of what is pending. A part that is all of it and stays in place is not copied.
  void part(std::span<const std::byte> bytes) {
    const bool whole = pending_.buffer.bytes().empty() && bytes.size() == pending_.left;
    pending_.left -= bytes.size();
    if (whole && elements_ == core::Elements::view) return arrived(bytes);
    if (whole && bytes.size() <= kInlineStringBytesMax) return arrived(object_.copy(bytes));
    pending_.buffer.append(bytes);
    if (pending_.left > 0) return;
    const auto all = pending_.buffer.bytes();
    object_.keep(pending_.buffer.release());
    arrived(all);
  }

  void arrived(std::span<const std::byte> bytes) {
    switch (std::exchange(pending_.kind, Pending::Kind::none)) {
      case Pending::Kind::none: return;
      case Pending::Kind::string: return add(Value::view_of(as_text(bytes)));
      case Pending::Kind::code: return open_.back().function->set_code(as_text(bytes));
      case Pending::Kind::scalars:
        return open_.back().instance->append(
            ScalarArray{.type = pending_.type, .count = pending_.count, .bytes = bytes});
      case Pending::Kind::storage: {
        Open& open = open_.back();
        open.value = Value(object_.make_storage_view(open.tensor_class, open.header, bytes));
        *known_.find(open.index) = open.value;
        return;
      }
    }
  }

  /// A value is complete: it goes where the open container wants it.
  void add(Value value) {
    if (open_.empty()) {
      object_.set_root(value);
      has_root_ = true;
      return;
    }
    Open& open = open_.back();
    switch (open.kind) {
      case Kind::table: return add_to_table(open, value);
      case Kind::function: return open.function->set_upvalues(value);
      case Kind::tensor:
        open.value = Value(object_.make_tensor_view(open.tensor_class, open.header, open.sizes, open.strides,
                                                    open.offset, value.storage()));
        *known_.find(open.index) = open.value;
        return;
      default: return open.instance->append(value);
    }
  }

  static void add_to_table(Open& open, Value value) {
    open.has_key = !open.has_key;
    if (open.has_key) {
      open.key = value;
    } else {
      open.table->append_unchecked(open.key, value);
    }
  }

  core::Elements elements_;
  Object object_;
  bool has_root_ = false;
  std::vector<Open> open_;
  Pending pending_;
  IndexMap<Value> known_;
};

ObjectBuilder::ObjectBuilder(Elements elements) : impl_(std::make_unique<Impl>(elements)) {}
ObjectBuilder::ObjectBuilder(ObjectBuilder&&) noexcept = default;
ObjectBuilder& ObjectBuilder::operator=(ObjectBuilder&&) noexcept = default;
ObjectBuilder::~ObjectBuilder() = default;

Status ObjectBuilder::on(const Event& event) { return impl_->on(event); }
Object ObjectBuilder::take() { return impl_->finish(); }

}  // namespace sconce::core
