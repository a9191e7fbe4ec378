#include "server/api/objects/ranges.h"

#include <algorithm>

#include "proto/http/fields/byte_range.h"

namespace sconce::server::api {

namespace {

using proto::ByteRange;

/// A text of ours, then a range of the whole; at the end only a text.
struct Part {
  std::string before;
  std::optional<ByteRange> range;
};

/// The parts one after the other.
class PartsSource final : public BodySource {
 public:
  PartsSource(std::unique_ptr<BodySource> whole, std::vector<Part> parts)
      : whole_(std::move(whole)), parts_(std::move(parts)) {}

  std::optional<std::uint64_t> size_bytes() const override {
    std::uint64_t size = 0;
    for (const Part& part : parts_) size += part.before.size() + (part.range ? part.range->size_bytes() : 0);
    return size;
  }

  std::uint64_t held_bytes() const override { return whole_->held_bytes() + parts_.capacity() * sizeof(Part); }
  bool is_in_memory() const override { return whole_->is_in_memory(); }
  bool takes_long() const override { return whole_->takes_long(); }

  core::Result<std::span<const std::byte>> next() override {
    while (left_ == 0) {
      if (next_part_ == parts_.size()) return std::span<const std::byte>();
      const Part& part = parts_[next_part_++];
      if (part.range) {
        if (core::Status sought = whole_->seek(part.range->first); !sought) return std::unexpected(sought.error());
        left_ = part.range->size_bytes();
      }
      if (!part.before.empty()) return std::as_bytes(std::span(part.before));
    }
    auto piece = whole_->next();
    if (!piece) return piece;
    const auto bytes = piece->first(std::min<std::uint64_t>(left_, piece->size()));
    left_ -= bytes.size();
    return bytes;
  }

 private:
  std::unique_ptr<BodySource> whole_;
  const std::vector<Part> parts_;
  std::size_t next_part_ = 0;
  std::uint64_t left_ = 0;  // of the current part's range
};

std::string& field_of(Response& response, std::string_view name) {
  const auto found = std::ranges::find(response.fields, name, &Field::name);
  if (found != response.fields.end()) return found->value;
  response.fields.push_back({std::string(name), ""});
  return response.fields.back().value;
}

Response one_part(Response response, const ByteRange& range, std::uint64_t size_bytes) {
  response.status = 206;
  field_of(response, "Content-Range") = proto::content_range_of(range, size_bytes);
  std::vector<Part> parts(1);
  parts[0].range = range;
  response.body = std::make_unique<PartsSource>(std::move(response.body), std::move(parts));
  return response;
}

Response several_parts(Response response, const std::vector<ByteRange>& ranges, std::uint64_t size_bytes,
                       std::string_view boundary) {
  const std::string type = field_of(response, "Content-Type");
  std::vector<Part> parts;
  for (const ByteRange& range : ranges) {
    std::string before = parts.empty() ? "" : "\r\n";
    before.append("--").append(boundary).append("\r\nContent-Type: ").append(type);
    before.append("\r\nContent-Range: ").append(proto::content_range_of(range, size_bytes)).append("\r\n\r\n");
    parts.push_back({std::move(before), range});
  }
  parts.push_back({"\r\n--" + std::string(boundary) + "--\r\n", std::nullopt});
  response.status = 206;
  field_of(response, "Content-Type") = "multipart/byteranges; boundary=" + std::string(boundary);
  response.body = std::make_unique<PartsSource>(std::move(response.body), std::move(parts));
  return response;
}

Response not_satisfiable(std::uint64_t size_bytes) {
  Response response = response_of(proto::problem_of(
      proto::RequestError::range_not_satisfiable,
      "Range asks for no byte of this representation, for more than " + std::to_string(proto::kByteRangesMax) +
          " ranges, or for more than all of it; it has " + std::to_string(size_bytes) + " bytes"));
  response.fields.push_back({"Content-Range", proto::unsatisfied_content_range(size_bytes)});
  return response;
}

}  // namespace

Response with_ranges(const RequestHead& head, Response whole, std::string_view entity_tag, std::string_view boundary) {
  if (!can_be_ranged(whole) || head.method != "GET") return whole;
  const std::optional<std::uint64_t> size_bytes = whole.body->size_bytes();
  const std::string* const if_range = head.field("if-range");
  if (if_range != nullptr && !proto::if_range_holds(*if_range, entity_tag)) return whole;
  const auto ranges = proto::parse_byte_ranges(head.value_of("range"), *size_bytes);
  if (!ranges) return whole;
  if (ranges->empty()) return not_satisfiable(*size_bytes);
  if (ranges->size() == 1) return one_part(std::move(whole), ranges->front(), *size_bytes);
  return several_parts(std::move(whole), *ranges, *size_bytes, boundary);
}

}  // namespace sconce::server::api
