#include "proto/formats/json/outline_rows.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "proto/formats/json/json_value.h"
#include "proto/formats/json/outline_json.h"

namespace sconce::proto {

namespace {

using core::OutlinePart;
using core::PartKind;

// More than an outline of kOutlineBytesMax has: a row of five values takes 40 bytes at least.
constexpr std::size_t kValuesMax = kOutlineBytesMax / 4;

/// The members of an object, each as it should be; `good` says whether all of them were.
class Members {
 public:
  explicit Members(const JsonValue& object) : object_(object), good_(object.members() != nullptr) {}

  bool good() const { return good_; }
  bool has(const char* name) const { return object_.member(name) != nullptr; }

  std::int64_t number(const char* name, std::int64_t max = std::numeric_limits<std::int64_t>::max()) {
    return number_of(member(name), max);
  }
  std::uint64_t size(const char* name) {
    const std::int64_t size = number(name);
    good_ = good_ && size >= 0;
    return static_cast<std::uint64_t>(size);
  }
  std::int32_t index(const char* name) {
    return static_cast<std::int32_t>(number(name, std::numeric_limits<std::int32_t>::max()));
  }
  bool boolean(const char* name) {
    const bool* const value = member(name).boolean();
    good_ = good_ && value != nullptr;
    return good_ && *value;
  }
  std::string text(const char* name) {
    const std::string* const value = member(name).text();
    good_ = good_ && value != nullptr;
    return good_ ? *value : std::string();
  }
  std::vector<std::int64_t> numbers(const char* name) {
    const JsonValue::Items* const items = member(name).items();
    good_ = good_ && items != nullptr;
    std::vector<std::int64_t> numbers;
    if (!good_) return numbers;
    for (const JsonValue& each : *items) numbers.push_back(number_of(each, std::numeric_limits<std::int64_t>::max()));
    return numbers;
  }
  Members object(const char* name) { return Members(member(name)); }
  void require(bool condition) { good_ = good_ && condition; }

 private:
  const JsonValue& member(const char* name) {
    static const JsonValue kNull;
    const JsonValue* const value = object_.member(name);
    good_ = good_ && value != nullptr;
    return good_ ? *value : kNull;
  }
  /// From -1 - max to max, so that it fits the signed type of which that is the greatest.
  std::int64_t number_of(const JsonValue& value, std::int64_t max) {
    const std::optional<std::int64_t> number = value.integer();
    good_ = good_ && number && *number <= max && *number >= -1 - max;
    return good_ ? *number : 0;
  }

  const JsonValue& object_;
  bool good_;
};

std::optional<PartKind> kind_from_name(std::string_view name) {
  constexpr PartKind kKinds[] = {PartKind::nil,     PartKind::boolean,  PartKind::number,   PartKind::string,
                                 PartKind::table,   PartKind::function, PartKind::instance, PartKind::tensor,
                                 PartKind::storage, PartKind::reference};
  for (const PartKind kind : kKinds) {
    if (name_of(kind) == name) return kind;
  }
  return std::nullopt;
}

void read_storage_of(Members& row, OutlinePart& part) {
  if (!row.has("storage")) return;
  Members storage = row.object("storage");
  part.storage = core::StorageExtent{.index = storage.index("index")};
  part.storage_is_elsewhere = !storage.has("elements");
  if (!part.storage_is_elsewhere) {
    part.storage->count = storage.number("elements");
    part.storage->elements_offset_bytes = storage.size("at");
  }
  row.require(storage.good());
}

void read_tensor(Members& row, OutlinePart& part) {
  const bool is_tensor = part.kind == PartKind::tensor;
  const std::string name = row.text("class");
  const auto tensor_class = is_tensor ? core::tensor_class_from_name(name) : core::storage_class_from_name(name);
  row.require(tensor_class.has_value());
  if (!row.good()) return;
  part.tensor_class = *tensor_class;
  if (!is_tensor) {
    part.count = row.number("elements");
    return;
  }
  part.sizes = row.numbers("sizes");
  part.strides = row.numbers("strides");
  part.storage_offset = row.number("offset");
  read_storage_of(row, part);
}

/// What is particular to the part's kind.
void read_details(Members& row, OutlinePart& part) {
  switch (part.kind) {
    case PartKind::nil:
    case PartKind::boolean:
    case PartKind::number: return;
    case PartKind::reference: part.index = row.index("same_as"); return;
    case PartKind::string: part.count = row.number("length"); return;
    case PartKind::function: part.count = row.number("code_bytes"); return;
    case PartKind::table: part.count = row.number("entries"); return;
    case PartKind::instance: part.class_name = row.text("class"); return;
    case PartKind::tensor:
    case PartKind::storage: return read_tensor(row, part);
  }
  std::unreachable();
}

std::optional<OutlineRow> row_of(const JsonValue& json) {
  Members members(json);
  OutlineRow row{.path = members.text("path"), .part = {}};
  const auto kind = kind_from_name(members.text("kind"));
  if (!members.good() || !kind) return std::nullopt;
  row.part.kind = *kind;
  row.part.offset_bytes = members.size("at");
  row.part.size_bytes = members.size("bytes");
  if (members.has("index")) row.part.index = members.index("index");
  if (members.has("complete")) row.part.complete = members.boolean("complete");
  read_details(members, row.part);
  if (row.part.kind == PartKind::instance && members.has("dtype")) {
    row.dtype = members.text("dtype");
    row.part.sizes = members.numbers("sizes");
  }
  if (!members.good()) return std::nullopt;
  return row;
}

}  // namespace

core::Result<std::vector<OutlineRow>> outline_rows(std::string_view json) {
  const auto document = parse_json_document(json, {.values_max = kValuesMax});
  if (!document || document->items() == nullptr || document->items()->empty()) {
    return core::fail(core::ErrorCode::malformed, "this is not the outline of an object");
  }
  std::vector<OutlineRow> rows;
  for (const JsonValue& each : *document->items()) {
    auto row = row_of(each);
    if (!row) {
      return core::fail(core::ErrorCode::malformed,
                        "row " + std::to_string(rows.size()) + " of the outline says no part");
    }
    rows.push_back(std::move(*row));
  }
  return rows;
}

}  // namespace sconce::proto
