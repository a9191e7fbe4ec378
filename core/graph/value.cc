#include "core/graph/object.h"

namespace sconce::core {

Value Value::view_of(std::string_view bytes) {
  Value value;
  value.kind_ = Kind::string;
  value.payload_.bytes = bytes.data();
  value.string_bytes_ = static_cast<std::uint32_t>(bytes.size());
  return value;
}

bool same_key(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::nil: return true;
    case Kind::boolean: return a.boolean() == b.boolean();
    case Kind::number: return a.number() == b.number();
    case Kind::string: return a.string() == b.string();
    default: return a.node() == b.node();
  }
}

const Table* Instance::fields() const {
  if (payload_.size() != 1) return nullptr;
  const auto* value = std::get_if<Value>(&payload_.front());
  return value != nullptr ? value->table() : nullptr;
}

Value Instance::operator[](std::string_view field) const {
  for (const PayloadItem& item : payload_) {
    const auto* value = std::get_if<Value>(&item);
    if (value == nullptr || value->table() == nullptr) continue;
    if (const Value found = (*value->table())[field]; !found.is_nil()) return found;
  }
  return {};
}

}  // namespace sconce::core
