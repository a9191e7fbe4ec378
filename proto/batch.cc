#include "proto/batch.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "proto/object_key.h"
#include "proto/query.h"
#include "proto/quote.h"

namespace sconce::proto {

namespace {

using Json = nlohmann::json;

constexpr std::string_view kBody = "the body";

std::unexpected<Problem> bad_document(std::string_view document, const std::string& what) {
  return refuse(Refusal::bad_request, std::string(document) + ": " + what);
}

std::unexpected<Problem> bad_control(const std::string& what) {
  return bad_document(in_backticks(kBatchControlName), what);
}

// An object, an array in it, an object in that, its members.
constexpr int kDepthMax = 3;
// More than any object here has, few enough to be compared one by one.
constexpr std::size_t kMembersMax = 16;

// An object and its members, at the most.
constexpr std::size_t kValuesOfAnItemMax = 4;

std::unexpected<Problem> too_many_items(std::string_view document, std::size_t items_max) {
  return refuse(Refusal::body_too_large,
                std::string(document) + ": a batch has at most " + std::to_string(items_max) + " items");
}

/// Parses; where a name stands twice in one object, nothing tells which of the two was meant. `name` is for errors. No
/// more is kept than `items_max` items need. Stops a document of nothing but zeros, each of which takes 16 bytes.
Answer<Json> parse_json(std::string_view text, std::string_view name, std::size_t items_max) {
  std::vector<std::vector<std::string>> names;
  std::string doubled;
  bool too_deep = false;
  bool too_many = false;
  std::size_t left = kValuesOfAnItemMax * (items_max + 2);
  const auto look = [&](int depth, Json::parse_event_t event, Json& parsed) {
    const bool begins = event != Json::parse_event_t::object_end && event != Json::parse_event_t::array_end &&
                        event != Json::parse_event_t::key;
    if (begins && left > 0) left -= 1;
    too_deep = too_deep || depth > kDepthMax;
    if (too_deep || too_many || left == 0) return false;
    if (event == Json::parse_event_t::object_start) names.emplace_back();
    if (event == Json::parse_event_t::object_end) names.pop_back();
    if (event != Json::parse_event_t::key) return true;
    const std::string& member = parsed.get_ref<const std::string&>();
    if (std::ranges::find(names.back(), member) != names.back().end()) doubled = member;
    names.back().push_back(member);
    too_many = names.back().size() > kMembersMax;
    return true;
  };
  constexpr bool kThrow = false;
  Json document = Json::parse(text.begin(), text.end(), look, kThrow);
  if (too_deep) return bad_document(name, "nested too deeply");
  if (left == 0) return too_many_items(name, items_max);
  if (too_many) return bad_document(name, "an object has more than " + std::to_string(kMembersMax) + " members");
  if (document.is_discarded()) return bad_document(name, "not JSON");
  if (!doubled.empty()) return bad_document(name, "the member " + in_backticks(doubled) + " stands twice");
  return document;
}

/// What a member holds; null if it does not stand.
const Json* member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

Answer<void> check_members(const Json& object, std::string_view document, std::string_view what,
                           std::initializer_list<std::string_view> known) {
  if (!object.is_object()) return bad_document(document, std::string(what) + " is not an object");
  for (const auto& [name, value] : object.items()) {
    if (std::ranges::find(known, name) == known.end()) {
      return bad_document(document,
                          std::string(what) + " has the member " + in_backticks(name) + ", which is not known");
    }
  }
  return {};
}

Answer<BatchControl::KeyCondition> condition_of(const Json& entry) {
  if (auto checked =
          check_members(entry, in_backticks(kBatchControlName), "a condition", {"key", "if_match", "if_none_match"});
      !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  const Json* const texts[] = {member(entry, "key"), member(entry, "if_match"), member(entry, "if_none_match")};
  for (const Json* text : texts) {
    if (text != nullptr && !text->is_string()) return bad_control("a member of a condition is not a string");
  }
  if (texts[0] == nullptr || (texts[1] == nullptr && texts[2] == nullptr)) {
    return bad_control("a condition has a key, and if_match or if_none_match");
  }
  const auto text_of = [](const Json* text) {
    return text == nullptr ? nullptr : &text->get_ref<const std::string&>();
  };
  const auto conditions = parse_conditions(text_of(texts[1]), text_of(texts[2]));
  if (!conditions) return bad_control(conditions.error().detail);
  auto condition = write_condition(*conditions);
  if (!condition) return bad_control(condition.error().detail);
  return BatchControl::KeyCondition{texts[0]->get<std::string>(), std::move(*condition)};
}

/// A member that is a string, where it stands.
Answer<std::optional<std::string>> text_member(const Json& object, const char* name) {
  const Json* const text = member(object, name);
  if (text == nullptr) return std::nullopt;
  if (!text->is_string()) return bad_document(kBody, in_backticks(name) + " is not a string");
  return text->get<std::string>();
}

Answer<BatchGet::Item> item_of(const Json& entry) {
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

}  // namespace

Answer<BatchRequest> parse_batch_request(std::string_view query_text) {
  constexpr Parameter kAllowed[] = {Parameter::prefix, Parameter::format, Parameter::referenced,
                                    Parameter::if_none_match};
  const auto query = parse_query(query_text, kAllowed);
  if (!query) return std::unexpected(query.error());
  const auto referenced = boolean_of(query->referenced, "referenced", true);
  if (!referenced) return std::unexpected(referenced.error());
  if (query->if_none_match.value_or("*") != "*") {
    return refuse(Refusal::bad_query, "the query parameter `if_none_match` can only be *; other conditions stand in " +
                                          in_backticks(kBatchControlName));
  }
  return BatchRequest{.prefix = query->prefix.value_or(""),
                      .format = query->format.value_or(""),
                      .referenced = *referenced,
                      .all_are_new = query->if_none_match.has_value()};
}

Answer<BatchControl> parse_batch_control(std::string_view text, std::size_t names_max) {
  const Answer<Json> document = parse_json(text, in_backticks(kBatchControlName), names_max);
  if (!document) return std::unexpected(document.error());
  if (auto checked =
          check_members(*document, in_backticks(kBatchControlName), "the document", {"delete", "conditions"});
      !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  BatchControl control;
  if (const Json* const deleted = member(*document, "delete")) {
    if (!deleted->is_array()) return bad_control("`delete` is not an array");
    for (const Json& name : *deleted) {
      if (!name.is_string()) return bad_control("`delete` holds something else than strings");
      control.deleted.push_back(name.get<std::string>());
    }
  }
  if (const Json* const conditions = member(*document, "conditions")) {
    if (!conditions->is_array()) return bad_control("`conditions` is not an array");
    for (const Json& entry : *conditions) {
      auto condition = condition_of(entry);
      if (!condition) return std::unexpected(std::move(condition.error()));
      control.conditions.push_back(std::move(*condition));
    }
  }
  if (control.deleted.size() + control.conditions.size() > names_max) {
    return too_many_items(in_backticks(kBatchControlName), names_max);
  }
  return control;
}

Answer<BatchGet> parse_batch_get(std::string_view text, std::size_t items_max) {
  const Answer<Json> document = parse_json(text, kBody, items_max);
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
  const Json* const items = member(*document, "items");
  if (items == nullptr || !items->is_array()) return bad_document(kBody, "`items` is not an array");
  if (items->size() > items_max) return too_many_items(kBody, items_max);
  for (const Json& entry : *items) {
    auto item = item_of(entry);
    if (!item) return std::unexpected(std::move(item.error()));
    get.items.push_back(std::move(*item));
  }
  return get;
}

Answer<std::string> batch_key_of(std::string_view prefix, std::string_view name) {
  while (name.starts_with("./")) name.remove_prefix(2);
  std::string key = std::string(prefix).append(name);
  if (Answer<void> checked = check_object_key(key); !checked) {
    checked.error().detail = "the name " + in_backticks(name) + ": " + checked.error().detail;
    return std::unexpected(std::move(checked.error()));
  }
  return key;
}

}  // namespace sconce::proto
