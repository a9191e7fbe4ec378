#include "core/graph/object.h"

#include <cassert>
#include <cstring>
#include <map>
#include <string>

namespace sconce::core {

struct Object::Memory {
  // Nodes never run destructors: all that they hold is in the arena, or kept by `owners`.
  std::pmr::monotonic_buffer_resource arena;
  std::vector<std::shared_ptr<const void>> owners;
  std::map<std::pair<std::optional<std::string_view>, std::string_view>, const ClassHeader*> headers;

  template <class Node, class... Arguments>
  Node& make(Arguments&&... arguments) {
    return *std::pmr::polymorphic_allocator<>(&arena).new_object<Node>(std::forward<Arguments>(arguments)...);
  }

  template <class T>
  std::span<const T> copy(std::span<const T> from) {
    if (from.empty()) return {};
    // The arena grows by what it hands out; large blocks would make it grow without need.
    constexpr std::size_t kArenaBlockBytesMax = 16 * 1024;
    void* to = nullptr;
    if (from.size_bytes() <= kArenaBlockBytesMax) {
      to = arena.allocate(from.size_bytes(), alignof(T));
    } else {
      const auto block = std::make_shared_for_overwrite<std::byte[]>(from.size_bytes());
      owners.push_back(block);
      to = block.get();
    }
    std::memcpy(to, from.data(), from.size_bytes());
    return {static_cast<const T*>(to), from.size()};
  }
};

Object::Object() : memory_(std::make_unique<Memory>()) {}
Object::Object(Object&&) noexcept = default;
Object& Object::operator=(Object&&) noexcept = default;
Object::~Object() = default;

Value Object::make_string(std::string_view bytes) { return Value::view_of(copy(bytes)); }
Table& Object::make_table() { return memory_->make<Table>(&memory_->arena); }

Function& Object::make_function(std::int32_t tag, std::string_view code, Value upvalues) {
  return memory_->make<Function>(tag, copy(code), upvalues);
}

Function& Object::make_function_view(std::int32_t tag) {
  return memory_->make<Function>(tag, std::string_view(), Value());
}

Instance& Object::make_instance(std::string_view class_name, std::optional<std::string_view> version) {
  return memory_->make<Instance>(intern({.version = version, .name = class_name}), &memory_->arena);
}

Storage& Object::make_storage(TensorClass tensor_class, std::span<const std::byte> elements,
                              std::optional<std::string_view> version) {
  const std::string name = storage_name_of(tensor_class);
  return make_storage_view(tensor_class, intern({.version = version, .name = name}), copy(elements));
}

Storage& Object::make_storage_view(TensorClass tensor_class, const ClassHeader* header,
                                   std::span<const std::byte> elements) {
  assert(elements.size() % size_bytes_of(tensor_class.type) == 0);
  const auto count = static_cast<std::int64_t>(elements.size() / size_bytes_of(tensor_class.type));
  return memory_->make<Storage>(tensor_class, header, elements.data(), count);
}

Result<Tensor*> Object::make_tensor(TensorClass tensor_class, std::span<const std::int64_t> sizes,
                                    std::span<const std::int64_t> strides, std::int64_t offset, const Storage* storage,
                                    std::optional<std::string_view> version) {
  if (storage != nullptr && storage->tensor_class() != tensor_class) {
    return fail(ErrorCode::malformed, "the storage of a " + tensor_name_of(tensor_class) + " is a " +
                                          storage_name_of(tensor_class) + ", not a " +
                                          storage_name_of(storage->tensor_class()));
  }
  Status fits = check_geometry(sizes, strides, offset, storage != nullptr ? storage->count() : 0);
  if (!fits) return std::unexpected(std::move(fits.error()));
  const std::string name = tensor_name_of(tensor_class);
  const ClassHeader* header = intern({.version = version, .name = name});
  return &make_tensor_view(tensor_class, header, copy(sizes), copy(strides), offset, storage);
}

Tensor& Object::make_tensor_view(TensorClass tensor_class, const ClassHeader* header,
                                 std::span<const std::int64_t> sizes, std::span<const std::int64_t> strides,
                                 std::int64_t offset, const Storage* storage) {
  return memory_->make<Tensor>(tensor_class, header, sizes, strides, offset, storage);
}

const ClassHeader* Object::intern(const ClassHeader& header) {
  const auto known = memory_->headers.find({header.version, header.name});
  if (known != memory_->headers.end()) return known->second;
  ClassHeader kept{.version = std::nullopt, .name = copy(header.name)};
  if (header.version) kept.version = copy(*header.version);
  const ClassHeader* node = &memory_->make<ClassHeader>(kept);
  memory_->headers.emplace(std::pair(kept.version, kept.name), node);
  return node;
}

std::string_view Object::copy(std::string_view bytes) {
  const auto copied = memory_->copy(std::span<const char>(bytes));
  return {copied.data(), copied.size()};
}
std::span<const std::byte> Object::copy(std::span<const std::byte> bytes) { return memory_->copy(bytes); }
std::span<const std::int64_t> Object::copy(std::span<const std::int64_t> numbers) { return memory_->copy(numbers); }
void Object::keep(std::shared_ptr<const void> owner) { memory_->owners.push_back(std::move(owner)); }

}  // namespace sconce::core
