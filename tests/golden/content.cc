#include "tests/golden/content.h"

#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "core/numbers/half.h"

namespace sconce::tests {

namespace {

using core::ElementType;
using core::Value;
using nlohmann::json;

struct Different {
  std::string what;
};

void require(bool holds, const std::string& what) {
  if (!holds) throw Different{what};
}

double special(const std::string& name) {
  if (name == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (name == "inf") return std::numeric_limits<double>::infinity();
  if (name == "-inf") return -std::numeric_limits<double>::infinity();
  require(name == "-0", "the JSON has a number " + name);
  return -0.0;
}

bool same_number(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

std::string string_of(const json& value) {
  if (value.is_string()) return value;
  std::string bytes;
  const std::string hex = value.at("hex");
  for (std::size_t i = 0; i < hex.size(); i += 2) bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

/// One element of a storage against its JSON.
template <class T>
void compare_integer(const core::Storage& storage, std::int64_t at, const json& expected) {
  require(static_cast<std::int64_t>(storage.at<T>(at)) == expected.get<std::int64_t>(),
          "element " + std::to_string(at) + " is not " + expected.dump());
}

void compare_real(double actual, const json& expected, bool single) {
  double number = expected.is_string() ? special(expected) : expected.get<double>();
  if (single) number = static_cast<double>(static_cast<float>(number));
  require(same_number(actual, number), "an element is " + std::to_string(actual) + ", not " + expected.dump());
}

void compare_element(const core::Storage& storage, std::int64_t at, const json& expected) {
  switch (storage.type()) {
    case ElementType::u8: return compare_integer<std::uint8_t>(storage, at, expected);
    case ElementType::i8: return compare_integer<std::int8_t>(storage, at, expected);
    case ElementType::i16: return compare_integer<std::int16_t>(storage, at, expected);
    case ElementType::i32: return compare_integer<std::int32_t>(storage, at, expected);
    case ElementType::i64: return compare_integer<std::int64_t>(storage, at, expected);
    case ElementType::f16:
      return compare_real(static_cast<double>(core::half_to_float(storage.at<std::uint16_t>(at))), expected, true);
    case ElementType::f32: return compare_real(static_cast<double>(storage.at<float>(at)), expected, true);
    case ElementType::f64: return compare_real(storage.at<double>(at), expected, false);
  }
}

template <class T>
T scalar_at(const core::ScalarArray& array, std::int64_t at) {
  T value;
  std::memcpy(&value, array.bytes.data() + static_cast<std::size_t>(at) * sizeof(T), sizeof(T));
  return value;
}

/// Follows both sides from the root; objects that still have to be compared wait in a list.
class Comparator {
 public:
  Comparator(const json& expected, const ContentOptions& options) : options_(options) {
    for (const json& object : expected.at("objects")) objects_[object.at("id")] = &object;
  }

  void run(const json& root, const Value& value) {
    compare(root, value);
    while (!later_.empty()) {
      const auto [object, node] = later_.back();
      later_.pop_back();
      compare_object(*object, node);
    }
  }

 private:
  void compare(const json& expected, const Value& actual) {
    if (expected.is_null()) return require(actual.is_nil(), "not nil");
    if (expected.is_boolean()) return require(actual.boolean() == expected.get<bool>(), "not " + expected.dump());
    if (expected.is_number()) return compare_number(expected.get<double>(), actual);
    if (expected.is_object() && expected.contains("num")) return compare_number(special(expected["num"]), actual);
    if (expected.is_object() && expected.contains("ref")) return compare_reference(expected["ref"], actual);
    const std::string text = string_of(expected);
    require(actual.string() == std::string_view(text), "not the string " + expected.dump());
  }

  static void compare_number(double expected, const Value& actual) {
    require(actual.number() && same_number(*actual.number(), expected), "not the number " + std::to_string(expected));
  }

  /// Ids and nodes must map one to one: that is what sharing means.
  void compare_reference(int id, const Value& actual) {
    require(actual.node() != nullptr, "not an object");
    const auto [by_id, new_id] = nodes_.emplace(id, actual.node());
    const auto [by_node, new_node] = ids_.emplace(actual.node(), id);
    require(by_id->second == actual.node() && by_node->second == id, "sharing differs at object " + std::to_string(id));
    if (new_id) later_.emplace_back(objects_.at(id), actual);
  }

  void compare_object(const json& expected, const Value& actual) {
    const std::string kind = expected.at("kind");
    if (kind == "table") return compare_entries(expected, "entries", required(actual.table(), kind));
    if (kind == "tensor") return compare_tensor(expected, required(actual.tensor(), kind));
    if (kind == "storage") return compare_storage(expected, required(actual.storage(), kind));
    if (kind == "function") return compare_function(expected, required(actual.function(), kind));
    const core::Instance& instance = required(actual.instance(), kind);
    compare_header(expected, instance.header());
    if (kind == "tds.Hash") return compare_hash(expected, instance);
    if (kind == "tds.Vec") return compare_vec(expected, instance);
    require(kind == "object", "the JSON has an object of kind " + kind);
    if (expected.at("custom").get<bool>()) return compare_wire(expected.at("wire"), instance);
    compare_entries(expected, "fields", required(instance.fields(), "a table of fields"));
  }

  template <class T>
  static const T& required(const T* node, const std::string& kind) {
    require(node != nullptr, "not " + kind);
    return *node;
  }

  void compare_header(const json& expected, const core::ClassHeader& header) const {
    require(header.name == expected.at("class").get<std::string>(), "the class is " + std::string(header.name));
    if (!options_.versions) return;
    const std::string version = "V " + std::to_string(expected.at("version").get<int>());
    require(header.version == version, "the version is not " + version);
  }

  void compare_entries(const json& expected, const char* where, const core::Table& table) {
    require(table.size() == expected.at("n").get<std::size_t>(), "the table has " + std::to_string(table.size()));
    for (const json& entry : expected.at(where)) {
      if (entry[0].is_object() && entry[0].contains("ref")) {
        compare_object_entry(entry, table);
      } else {
        compare(entry[1], table.get(key_of(entry[0])));
      }
    }
  }

  /// No fixture has two objects as keys of one table.
  void compare_object_entry(const json& entry, const core::Table& table) {
    for (const auto& [key, value] : table.entries()) {
      if (key.node() == nullptr) continue;
      compare(entry[0], key);
      return compare(entry[1], value);
    }
    require(false, "no key is an object");
  }

  Value key_of(const json& key) {
    if (key.is_boolean()) return key.get<bool>();
    if (key.is_number()) return key.get<double>();
    if (key.is_object() && key.contains("num")) return special(key["num"]);
    keys_.push_back(std::make_unique<std::string>(string_of(key)));
    return Value::view_of(*keys_.back());
  }

  void compare_tensor(const json& expected, const core::Tensor& tensor) {
    compare_header(expected, tensor.header());
    require(std::ranges::equal(tensor.sizes(), expected.at("sizes").get<std::vector<std::int64_t>>()), "sizes differ");
    require(std::ranges::equal(tensor.strides(), expected.at("strides").get<std::vector<std::int64_t>>()),
            "strides differ");
    require(tensor.offset() == expected.at("offset").get<std::int64_t>(), "offsets differ");
    compare(expected.at("storage"), tensor.storage() == nullptr ? Value() : Value(*tensor.storage()));
    std::size_t position = 0;
    for (core::ElementWalk walk(tensor); !walk.at_end(); walk.advance()) {
      compare_element(*tensor.storage(), walk.position(), expected.at("elements").at(position++));
    }
    require(position == expected.at("elements").size(), "the tensor has " + std::to_string(position) + " elements");
  }

  void compare_storage(const json& expected, const core::Storage& storage) const {
    compare_header(expected, storage.header());
    require(storage.count() == expected.at("size").get<std::int64_t>(), "the storage has another size");
    for (std::int64_t i = 0; i < storage.count(); ++i) {
      compare_element(storage, i, expected.at("elements").at(static_cast<std::size_t>(i)));
    }
  }

  void compare_function(const json& expected, const core::Function& function) {
    require(function.code() == string_of(json{{"hex", expected.at("bytecode")}}), "the code differs");
    const json& upvalues = expected.at("upvalues");
    const core::Table* table = function.upvalues().table();
    require(table != nullptr || upvalues.empty(), "there are no upvalues");
    for (std::size_t i = 0; i < upvalues.size(); ++i) {
      const Value record = (*table)[static_cast<int>(i) + 1];
      if (function.tag() == core::tag::kFunction) compare_upvalue(upvalues[i], required(record.table(), "an upvalue"));
      else compare(upvalues[i].at("value"), record);
    }
  }

  /// A cell that was seen before has its value there: `referenced` false wrote a copy that Torch drops.
  void compare_upvalue(const json& expected, const core::Table& record) {
    compare(expected.at("name"), record["name"]);
    const int uid = expected.at("uid");
    const auto id = record["id"].number();
    require(id.has_value(), "an upvalue has no id");
    const auto [by_uid, new_uid] = cells_.emplace(uid, *id);
    const auto [by_id, new_id] = uids_.emplace(*id, uid);
    require(by_uid->second == *id && by_id->second == uid, "shared upvalues differ");
    if (new_uid) compare(expected.at("value"), record["value"]);
  }

  void compare_wire(const json& wire, const core::Instance& instance) {
    require(instance.payload().size() == wire.size(), "the payload has another number of writes");
    for (std::size_t i = 0; i < wire.size(); ++i) compare_write(wire[i], instance.payload()[i]);
  }

  void compare_write(const json& expected, const core::PayloadItem& item) {
    const std::string op = expected.at("op");
    const json& value = expected.at("v");
    if (op == "object") return compare(value, std::get<Value>(item));
    const auto& array = std::get<core::ScalarArray>(item);
    if (op == "int") return require(scalar_at<std::int32_t>(array, 0) == value.get<std::int32_t>(), "an int differs");
    if (op == "double") return compare_real(scalar_at<double>(array, 0), value, false);
    if (op == "chars") {
      const std::string_view chars(reinterpret_cast<const char*>(array.bytes.data()), array.bytes.size());
      return require(chars == string_of(value), "the chars differ");
    }
    require(op == "longs", "the JSON has a write " + op);
    for (std::int64_t i = 0; i < array.count; ++i) {
      const auto expected_long = value.at(static_cast<std::size_t>(i)).get<std::int64_t>();
      require(scalar_at<std::int64_t>(array, i) == expected_long, "a long differs");
    }
  }

  /// What follows the count.
  static std::vector<Value> items_of(const json& expected, const core::Instance& instance, std::size_t each) {
    const auto count = scalar_at<std::int64_t>(std::get<core::ScalarArray>(instance.payload()[0]), 0);
    require(count == expected.at("n").get<std::int64_t>(), "tds: another count");
    std::vector<Value> items;
    for (const core::PayloadItem& item : instance.payload().subspan(1)) items.push_back(std::get<Value>(item));
    require(items.size() == static_cast<std::size_t>(count) * each, "tds: the count is not that of what follows");
    return items;
  }

  void compare_hash(const json& expected, const core::Instance& instance) {
    const std::vector<Value> items = items_of(expected, instance, 2);
    for (const json& entry : expected.at("entries")) {
      bool found = false;
      for (std::size_t i = 0; i < items.size() && !found; i += 2) {
        found = same_key(items[i], key_of(entry[0]));
        if (found) compare(entry[1], items[i + 1]);
      }
      require(found, "tds.Hash lacks the key " + entry[0].dump());
    }
  }

  void compare_vec(const json& expected, const core::Instance& instance) {
    const std::vector<Value> items = items_of(expected, instance, 1);
    for (std::size_t i = 0; i < items.size(); ++i) compare(expected.at("items").at(i), items[i]);
  }

  const ContentOptions options_;
  std::map<int, const json*> objects_;
  std::map<int, const void*> nodes_;
  std::map<const void*, int> ids_;
  std::map<int, double> cells_;
  std::map<double, int> uids_;
  std::vector<std::pair<const json*, Value>> later_;
  std::vector<std::unique_ptr<std::string>> keys_;
};

}  // namespace

std::string content_difference(const json& expected, const Value& root, const ContentOptions& options) {
  try {
    Comparator(expected, options).run(expected.at("root"), root);
  } catch (const Different& different) {
    return different.what;
  }
  return {};
}

}  // namespace sconce::tests
