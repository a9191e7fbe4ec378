#include "proto/formats/json/json_schema.h"

#include <utility>

namespace sconce::proto {

namespace {

using Take = JsonValueKind;

constexpr JsonMemberRule kBoolean[] = {{"boolean", Take::int32}};
constexpr JsonMemberRule kNumber[] = {{"number", Take::non_finite}};
constexpr JsonMemberRule kBytes[] = {{"bytes", Take::size}, {"base64", Take::pieces}};
constexpr JsonMemberRule kTable[] = {{"table", Take::index}, {"count", Take::int32}, {"pairs", Take::pairs}};
constexpr JsonMemberRule kReference[] = {{"reference", Take::index}, {"tag", Take::tag}};
constexpr JsonMemberRule kFunction[] = {{"function", Take::index_or_null},
                                        {"tag", Take::tag},
                                        {"bytes", Take::size},
                                        {"code", Take::pieces},
                                        {"upvalues", Take::object}};
constexpr JsonMemberRule kInstance[] = {
    {"class", Take::name}, {"version", Take::name_or_null}, {"index", Take::index}, {"payload", Take::items}};
constexpr JsonMemberRule kTensor[] = {
    {"tensor", Take::name},   {"version", Take::name_or_null}, {"index", Take::index},    {"sizes", Take::longs},
    {"strides", Take::longs}, {"offset", Take::int64},         {"storage", Take::storage}};
constexpr JsonMemberRule kStorage[] = {{"storage", Take::name},
                                       {"version", Take::name_or_null},
                                       {"index", Take::index},
                                       {"count", Take::size},
                                       {"elements", Take::elements}};
constexpr JsonMemberRule kScalars[] = {
    {"scalars", Take::element_type}, {"count", Take::size}, {"elements", Take::elements}};

constexpr JsonObjectKind kForms[] = {JsonObjectKind::boolean,  JsonObjectKind::number,    JsonObjectKind::bytes,
                                     JsonObjectKind::table,    JsonObjectKind::reference, JsonObjectKind::function,
                                     JsonObjectKind::instance, JsonObjectKind::tensor,    JsonObjectKind::storage,
                                     JsonObjectKind::scalars};

}  // namespace

std::span<const JsonMemberRule> members_of(JsonObjectKind form) {
  switch (form) {
    case JsonObjectKind::unknown: return {};
    case JsonObjectKind::boolean: return kBoolean;
    case JsonObjectKind::number: return kNumber;
    case JsonObjectKind::bytes: return kBytes;
    case JsonObjectKind::table: return kTable;
    case JsonObjectKind::reference: return kReference;
    case JsonObjectKind::function: return kFunction;
    case JsonObjectKind::instance: return kInstance;
    case JsonObjectKind::tensor: return kTensor;
    case JsonObjectKind::storage: return kStorage;
    case JsonObjectKind::scalars: return kScalars;
  }
  std::unreachable();
}

JsonObjectKind form_beginning_with(std::string_view member) {
  for (const JsonObjectKind form : kForms) {
    if (members_of(form).front().name == member) return form;
  }
  return JsonObjectKind::unknown;
}

std::string_view describe(JsonValueKind take) {
  switch (take) {
    case Take::index:
    case Take::tag:
    case Take::int32: return "an integer of 32 bits";
    case Take::index_or_null: return "an integer of 32 bits or null";
    case Take::int64: return "an integer of 64 bits";
    case Take::size: return "an integer from 0 on";
    case Take::non_finite: return "\"inf\", \"-inf\", \"nan\", \"-nan\" or \"nan:0x…\"";
    case Take::name: return "a name";
    case Take::name_or_null: return "a version or null";
    case Take::element_type: return "the name of an element type";
    case Take::pieces: return "an array of base64";
    case Take::longs: return "an array of integers";
    case Take::elements: return "an array of elements";
    case Take::pairs: return "an array of pairs";
    case Take::items: return "an array of objects";
    case Take::object: return "an object";
    case Take::storage: return "a storage, a reference or null";
  }
  std::unreachable();
}

}  // namespace sconce::proto
