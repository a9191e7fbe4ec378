#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/http/fields/conditional.h"
#include "proto/http/problem.h"

namespace sconce::proto {

/// What the head of a batch commit asks for.
struct BatchRequest {
  std::string prefix;        ///< Stands before every name of the batch.
  std::string format;        ///< Of the objects; empty if it is to be detected.
  bool referenced = true;    ///< How they were written.
  bool all_are_new = false;  ///< None of the objects' keys may exist.
};

/// Threads: no state. Errors: bad_query.
HttpResult<BatchRequest> parse_batch_request(std::string_view query);

/// An entry of this name is not an object: it says what else the batch does, and comes before all objects.
inline constexpr std::string_view kBatchControlName = ".sconce-batch.json";
/// Whether this is the name of an entry that has it; `./` at its beginning is dropped, as it is of a key.
bool is_batch_control(std::string_view name);
/// Stops the control entry from being an object of its own.
inline constexpr std::size_t kBatchControlBytesMax = 4 << 20;

/// What the control entry says. Names are as those of entries: the prefix stands before them too.
struct BatchControl {
  struct KeyCondition {
    std::string name;
    WriteCondition condition;
  };
  std::vector<std::string> deleted;
  std::vector<KeyCondition> conditions;
};

/// Reads `{"delete":["a"],"conditions":[{"key":"b","if_match":"\"…\""},{"key":"c","if_none_match":"*"}]}`; every member
/// may be missing. Errors: bad_request, for what is not in this form; body_too_large, for more than `names_max` names.
HttpResult<BatchControl> parse_batch_control(std::string_view json, std::size_t names_max);

/// What a batch get asks for: items, answered in this order.
struct BatchGet {
  enum class As : std::uint8_t {
    tar,    ///< Each item an entry.
    stack,  ///< All items, tensors of one type and shape, one tensor.
  };
  struct Item {
    std::string key;
    std::string path = {};  ///< Of a part; empty for the whole object.
    std::optional<std::string> slice = std::nullopt;
  };
  std::vector<Item> items;
  std::string format = {};  ///< Empty if it is not said.
  std::string style = {};   ///< The same.
  As as = As::tar;
};

/// Stops the list of items from being an object of its own.
inline constexpr std::size_t kBatchGetBytesMax = 4 << 20;

/// Reads `{"items":[{"key":"a","path":"model.weight","slice":"0:10"}],"format":"npy","as":"stack"}`; all but the items'
/// keys may be missing. Errors: bad_request, for what is not in this form; body_too_large, for more than `items_max`.
HttpResult<BatchGet> parse_batch_get(std::string_view json, std::size_t items_max);

/// The key of a name in a batch: without `./` in front, after the prefix. Errors: bad_key, which names the key.
HttpResult<std::string> batch_key_of(std::string_view prefix, std::string_view name);

}  // namespace sconce::proto
