#include "proto/http/requests/batch.h"

#include <algorithm>

#include "core/text/quote.h"
#include "proto/formats/json/json_value.h"
#include "proto/http/object_key.h"
#include "proto/http/requests/query.h"

namespace sconce::proto {

namespace {

constexpr std::string_view kBody = "the body";

std::unexpected<Problem> bad_document(std::string_view document, const std::string& what) {
  return refuse(RequestError::bad_request, std::string(document) + ": " + what);
}

std::unexpected<Problem> bad_control(const std::string& what) {
  return bad_document(core::in_backticks(kBatchControlName), what);
}

// An object and its members, at the most.
constexpr std::size_t kValuesOfAnItemMax = 4;

std::unexpected<Problem> too_many_items(std::string_view document, std::size_t items_max) {
  return refuse(RequestError::body_too_large,
                std::string(document) + ": a batch has at most " + std::to_string(items_max) + " items");
}

/// `name` is for errors. No more is kept than `items_max` items need. Stops a document of nothing but zeros.
HttpResult<JsonValue> parse_json(std::string_view text, std::string_view name, std::size_t items_max) {
  auto document = parse_json_document(text, {.values_max = kValuesOfAnItemMax * (items_max + 2)});
  if (document) return std::move(*document);
  const core::Error& error = document.error();
  if (error.code == core::ErrorCode::limit_exceeded) return too_many_items(name, items_max);
  return bad_document(name, "byte " + std::to_string(error.offset.value_or(0)) + ": " + error.what);
}

HttpResult<void> check_members(const JsonValue& object, std::string_view document, std::string_view what,
                               std::initializer_list<std::string_view> known) {
  if (object.members() == nullptr) return bad_document(document, std::string(what) + " is not an object");
  for (const auto& [name, value] : *object.members()) {
    if (std::ranges::find(known, name) == known.end()) {
      return bad_document(document,
                          std::string(what) + " has the member " + core::in_backticks(name) + ", which is not known");
    }
  }
  return {};
}

HttpResult<BatchControl::KeyCondition> condition_of(const JsonValue& entry) {
  if (auto checked = check_members(entry, core::in_backticks(kBatchControlName), "a condition",
                                   {"key", "if_match", "if_none_match"});
      !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  const std::string* texts[3] = {};
  for (const JsonMember& member : *entry.members()) {
    if (member.value.text() == nullptr) return bad_control("a member of a condition is not a string");
    texts[member.name == "key" ? 0 : member.name == "if_match" ? 1 : 2] = member.value.text();
  }
  if (texts[0] == nullptr || (texts[1] == nullptr && texts[2] == nullptr)) {
    return bad_control("a condition has a key, and if_match or if_none_match");
  }
  const auto conditions = parse_conditions(texts[1], texts[2]);
  if (!conditions) return bad_control(conditions.error().detail);
  auto condition = write_condition(*conditions);
  if (!condition) return bad_control(condition.error().detail);
  return BatchControl::KeyCondition{*texts[0], std::move(*condition)};
}

/// A member that is a string, where it stands.
HttpResult<std::optional<std::string>> text_member(const JsonValue& object, std::string_view name) {
  const JsonValue* const value = object.member(name);
  if (value == nullptr) return std::nullopt;
  if (value->text() == nullptr) return bad_document(kBody, core::in_backticks(name) + " is not a string");
  return *value->text();
}

HttpResult<BatchGet::Item> item_of(const JsonValue& entry) {
  if (auto checked = check_members(entry, kBody, "an item", {"key", "path", "slice"}); !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  auto key = text_member(entry, "key");
  auto path = text_member(entry, "path");
  auto slice = text_member(entry, "slice");
  for (const auto* text : {&key, &path, &slice}) {
    if (!*text) return std::unexpected(text->error());
  }
  if (!*key) return bad_document(kBody, "an item has no `key`");
  return BatchGet::Item{.key = std::move(**key), .path = path->value_or(""), .slice = std::move(*slice)};
}

/// As `tar c .` writes names.
std::string_view without_dot_folder(std::string_view name) {
  while (name.starts_with("./")) name.remove_prefix(2);
  return name;
}

}  // namespace

HttpResult<BatchRequest> parse_batch_request(std::string_view query_text) {
  constexpr Parameter kAllowed[] = {Parameter::prefix, Parameter::format, Parameter::referenced,
                                    Parameter::if_none_match};
  const auto query = parse_query(query_text, kAllowed);
  if (!query) return std::unexpected(query.error());
  const auto referenced = boolean_of(query->referenced, "referenced", true);
  if (!referenced) return std::unexpected(referenced.error());
  if (query->if_none_match.value_or("*") != "*") {
    return refuse(RequestError::bad_query,
                  "the query parameter `if_none_match` can only be *; other conditions are given in " +
                      core::in_backticks(kBatchControlName));
  }
  return BatchRequest{.prefix = query->prefix.value_or(""),
                      .format = query->format.value_or(""),
                      .referenced = *referenced,
                      .all_are_new = query->if_none_match.has_value()};
}

HttpResult<BatchControl> parse_batch_control(std::string_view text, std::size_t names_max) {
  const HttpResult<JsonValue> document = parse_json(text, core::in_backticks(kBatchControlName), names_max);
  if (!document) return std::unexpected(document.error());
  if (auto checked =
          check_members(*document, core::in_backticks(kBatchControlName), "the document", {"delete", "conditions"});
      !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  BatchControl control;
  if (const JsonValue* const deleted = document->member("delete")) {
    if (deleted->items() == nullptr) return bad_control("`delete` is not an array");
    for (const JsonValue& name : *deleted->items()) {
      if (name.text() == nullptr) return bad_control("`delete` holds something else than strings");
      control.deleted.push_back(*name.text());
    }
  }
  if (const JsonValue* const conditions = document->member("conditions")) {
    if (conditions->items() == nullptr) return bad_control("`conditions` is not an array");
    for (const JsonValue& entry : *conditions->items()) {
      auto condition = condition_of(entry);
      if (!condition) return std::unexpected(std::move(condition.error()));
      control.conditions.push_back(std::move(*condition));
    }
  }
  if (control.deleted.size() + control.conditions.size() > names_max) {
    return too_many_items(core::in_backticks(kBatchControlName), names_max);
  }
  return control;
}

HttpResult<BatchGet> parse_batch_get(std::string_view text, std::size_t items_max) {
  const HttpResult<JsonValue> document = parse_json(text, kBody, items_max);
  if (!document) return std::unexpected(document.error());
  if (auto checked = check_members(*document, kBody, "the document", {"items", "format", "style", "as"}); !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  const auto format = text_member(*document, "format");
  const auto style = text_member(*document, "style");
  const auto as = text_member(*document, "as");
  for (const auto* member : {&format, &style, &as}) {
    if (!*member) return std::unexpected(member->error());
  }
  BatchGet get{.items = {}, .format = format->value_or(""), .style = style->value_or("")};
  if (as->value_or("tar") != "tar" && **as != "stack") return bad_document(kBody, "`as` is tar or stack");
  if (*as == "stack") get.as = BatchGet::As::stack;
  const JsonValue* const items = document->member("items");
  if (items == nullptr || items->items() == nullptr) return bad_document(kBody, "`items` is not an array");
  if (items->items()->size() > items_max) return too_many_items(kBody, items_max);
  for (const JsonValue& entry : *items->items()) {
    auto item = item_of(entry);
    if (!item) return std::unexpected(std::move(item.error()));
    get.items.push_back(std::move(*item));
  }
  return get;
}

bool is_batch_control(std::string_view name) { return without_dot_folder(name) == kBatchControlName; }

HttpResult<std::string> batch_key_of(std::string_view prefix, std::string_view name) {
  name = without_dot_folder(name);
  std::string key = std::string(prefix).append(name);
  if (HttpResult<void> checked = check_object_key(key); !checked) {
    const std::string named =
        prefix.empty() ? "the name " + core::in_backticks(name) : "the key " + core::in_backticks(key);
    checked.error().detail = named + ": " + checked.error().detail;
    return std::unexpected(std::move(checked.error()));
  }
  return key;
}

}  // namespace sconce::proto
