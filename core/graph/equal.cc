#include <algorithm>
#include <bit>
#include <cmath>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "core/graph/object.h"
#include "core/little_endian.h"
#include "core/numbers/half.h"

namespace sconce::core {
namespace {

bool equal_numbers(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) || (std::isnan(a) && std::isnan(b));
}

bool is_nan(ElementType type, const std::byte* element) {
  if (type == ElementType::f16) return std::isnan(half_to_float(load_little_endian<std::uint16_t>(element)));
  if (type == ElementType::f32) return std::isnan(load_little_endian<float>(element));
  return type == ElementType::f64 && std::isnan(load_little_endian<double>(element));
}

bool equal_elements(ElementType type, std::span<const std::byte> a, std::span<const std::byte> b) {
  if (a.size() != b.size()) return false;
  if (std::ranges::equal(a, b)) return true;
  const std::size_t width = size_bytes_of(type);
  for (std::size_t at = 0; at < a.size(); at += width) {
    const bool same = std::memcmp(a.data() + at, b.data() + at, width) == 0;
    if (!same && !(is_nan(type, a.data() + at) && is_nan(type, b.data() + at))) return false;
  }
  return true;
}

/// Matches two graphs pair by pair; pairs that still have to be looked at wait in a list, so that depth costs no stack.
class Matcher {
 public:
  bool match(const Value& a, const Value& b) {
    later_.emplace_back(a, b);
    while (!later_.empty()) {
      const auto [left, right] = later_.back();
      later_.pop_back();
      if (!match_one(left, right)) return false;
    }
    return true;
  }

 private:
  bool match_one(const Value& a, const Value& b) {
    if (a.kind() != b.kind()) return false;
    switch (a.kind()) {
      case Kind::nil: return true;
      case Kind::boolean: return a.boolean() == b.boolean();
      case Kind::number: return equal_numbers(*a.number(), *b.number());
      case Kind::string: return a.string() == b.string();
      default: break;
    }
    // Sharing is equal if every node has one partner only, in both directions.
    const auto [left, left_is_new] = partner_of_a_.try_emplace(a.node(), b.node());
    const auto [right, right_is_new] = partner_of_b_.try_emplace(b.node(), a.node());
    if (left->second != b.node() || right->second != a.node()) return false;
    return !left_is_new || match_nodes(a, b);
  }

  bool match_nodes(const Value& a, const Value& b) {
    switch (a.kind()) {
      case Kind::table: return match_tables(*a.table(), *b.table());
      case Kind::function: return match_functions(*a.function(), *b.function());
      case Kind::tensor: return match_tensors(*a.tensor(), *b.tensor());
      case Kind::storage: return match_storages(*a.storage(), *b.storage());
      default: return match_instances(*a.instance(), *b.instance());
    }
  }

  bool match_tables(const Table& a, const Table& b) {
    if (a.size() != b.size()) return false;
    auto next = b.entries().begin();
    for (const auto& [key, value] : a.entries()) {
      if (key.node() == nullptr) {
        const Value other = b.get(key);
        if (other.is_nil()) return false;
        later_.emplace_back(value, other);
        continue;
      }
      next = std::find_if(next, b.entries().end(),
                          [](const Table::Entry& entry) { return entry.first.node() != nullptr; });
      if (next == b.entries().end()) return false;
      later_.emplace_back(key, next->first);
      later_.emplace_back(value, next->second);
      ++next;
    }
    return true;
  }

  bool match_functions(const Function& a, const Function& b) {
    later_.emplace_back(a.upvalues(), b.upvalues());
    return a.tag() == b.tag() && a.code() == b.code();
  }

  bool match_tensors(const Tensor& a, const Tensor& b) {
    if (!(a.header() == b.header()) || a.offset() != b.offset()) return false;
    if (!std::ranges::equal(a.sizes(), b.sizes()) || !std::ranges::equal(a.strides(), b.strides())) return false;
    if ((a.storage() == nullptr) != (b.storage() == nullptr)) return false;
    if (a.storage() != nullptr) later_.emplace_back(*a.storage(), *b.storage());
    return true;
  }

  static bool match_storages(const Storage& a, const Storage& b) {
    return a.header() == b.header() && equal_elements(a.type(), a.bytes(), b.bytes());
  }

  bool match_instances(const Instance& a, const Instance& b) {
    if (!(a.header() == b.header()) || a.payload().size() != b.payload().size()) return false;
    for (std::size_t i = 0; i < a.payload().size(); ++i) {
      if (!match_items(a.payload()[i], b.payload()[i])) return false;
    }
    return true;
  }

  bool match_items(const PayloadItem& a, const PayloadItem& b) {
    if (a.index() != b.index()) return false;
    if (const auto* value = std::get_if<Value>(&a)) {
      later_.emplace_back(*value, std::get<Value>(b));
      return true;
    }
    const auto& scalars = std::get<ScalarArray>(a);
    const auto& others = std::get<ScalarArray>(b);
    return scalars.type == others.type && equal_elements(scalars.type, scalars.bytes, others.bytes);
  }

  std::vector<std::pair<Value, Value>> later_;
  std::unordered_map<const void*, const void*> partner_of_a_;
  std::unordered_map<const void*, const void*> partner_of_b_;
};

}  // namespace

bool equal(const Value& a, const Value& b) { return Matcher().match(a, b); }

}  // namespace sconce::core
