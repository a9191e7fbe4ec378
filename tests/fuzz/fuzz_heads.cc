// Heads of requests, as they come from a connection.

#include <algorithm>
#include <string>

#include "server/net/connection/head_scanner.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/read_head.h"

namespace sconce::tests {
namespace {

using server::Field;
using server::RequestHead;

/// Size, or the status of the refusal.
std::string told(const proto::HttpResult<std::size_t>& scanned) {
  return scanned ? std::to_string(*scanned) : "refused with " + std::to_string(scanned.error().status);
}

/// Wherever the head is cut, the same comes of it.
void check_split(std::string_view bytes, std::size_t split) {
  server::net::HeadScanner once(kHeadBytesMax);
  server::net::HeadScanner twice(kHeadBytesMax);
  const std::string whole = told(once.scan(bytes));
  const proto::HttpResult<std::size_t> first = twice.scan(bytes.substr(0, split));
  if (first && *first == 0) require(told(twice.scan(bytes)) == whole, "two pieces give the same");
  else require(told(first) == whole, "what comes behind changes nothing");
}

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(), [](char byte) {
    return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
  });
  return lowered;
}

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return text.substr(0, text.find_last_not_of(" \t") + 1);
}

void add(std::vector<Field>& fields, std::string_view line) {
  const std::size_t colon = line.find(':');
  require(colon != std::string_view::npos && colon > 0, "a line has a name and a colon");
  const std::string name = lower(line.substr(0, colon));
  const std::string_view value = trimmed(line.substr(colon + 1));
  const auto known = std::ranges::find(fields, name, &Field::name);
  if (known == fields.end()) fields.push_back({name, std::string(value)});
  else known->value.append(", ").append(value);
}

/// What a reader sees that knows nothing but lines, blanks and colons.
RequestHead plain_head(std::string_view bytes) {
  RequestHead head;
  std::size_t end = bytes.find("\r\n");
  const std::string_view line = bytes.substr(0, end);
  const std::size_t blank = line.find(' ');
  head.method = line.substr(0, blank);
  head.path = line.substr(blank + 1, line.rfind(' ') - blank - 1);
  while (true) {
    bytes.remove_prefix(end + 2);
    end = bytes.find("\r\n");
    if (end == 0) return head;
    add(head.fields, bytes.substr(0, end));
  }
}

/// An absolute target says the host, whatever the field says.
void forget_host(std::vector<Field>& fields) {
  std::erase_if(fields, [](const Field& field) { return field.name == "host"; });
}

/// A second reader, such as a proxy in front, sees the same request.
void check_plainly(ReadHead read, std::string_view bytes) {
  RequestHead plain = plain_head(bytes);
  if (!plain.path.starts_with('/')) {
    forget_host(plain.fields);
    forget_host(read.head.fields);
  }
  require(read.head.method == plain.method, "the method is what stands first");
  const std::string_view target = plain.path;
  const std::string seen = read.head.path + (read.head.query.empty() ? "" : '?' + read.head.query);
  if (target.starts_with('/')) require(target == seen || target == seen + '?', "the target is what stands second");
  require(read.head.fields.size() == plain.fields.size(), "every line is a field");
  for (const Field& field : plain.fields) {
    const std::string* const value = read.head.field(field.name);
    require(value != nullptr && *value == field.value, "a field is what stands in its line: " + field.name);
  }
}

void fuzz(FuzzInput input) {
  const std::size_t split = input.number();
  check_split(input.rest(), split);
  const auto read = read_head(input.rest());
  if (!read) return;
  require(read->head.path.starts_with('/') || read->head.path == "*", "a path begins with /");
  check_plainly(*read, input.rest());
}

}  // namespace
}  // namespace sconce::tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sconce::tests::fuzz({data, size});
  return 0;
}
