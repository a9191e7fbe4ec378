#include "proto/http/fields/skipped_field.h"

#include "proto/http/percent.h"

namespace sconce::proto {

namespace {

std::string encoded(const std::string& name) {
  std::string text;
  for (const char c : percent_encode_path(name)) {
    if (c == ',') text += "%2C";
    else text += c;
  }
  return text;
}

}  // namespace

std::string skipped_field_of(const SkippedEntries& skipped) {
  constexpr std::string_view kSeparator = ", ";
  std::string value;
  std::uint64_t more = skipped.more();
  for (const std::string& each : skipped.names()) {
    const std::string name = (value.empty() ? "" : std::string(kSeparator)) + encoded(each);
    if (more > skipped.more() || value.size() + name.size() > kSkippedFieldBytesMax) more += 1;
    else value += name;
  }
  if (more > 0) value += (value.empty() ? "" : std::string(kSeparator)) + "... " + std::to_string(more) + " more";
  return value;
}

}  // namespace sconce::proto
