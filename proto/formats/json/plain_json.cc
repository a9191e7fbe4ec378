#include "proto/formats/json/plain_json.h"
#include "core/text/utf8.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <variant>
#include <vector>

#include "core/bytes/bounded_sink.h"
#include "core/bytes/buffered_writer.h"
#include "core/text/path.h"
#include "proto/formats/json/json_numbers.h"
#include "proto/formats/json/json_text.h"
#include "proto/formats/json/plain_json_parts.h"
#include "proto/formats/kept_array.h"

namespace sconce::proto {

namespace {

using core::ElementType;
using core::ErrorCode;
using core::Value;

/// A container whose parts are being written: part `next` comes next.
struct Frame {
  Value container;
  PlainTable table;  // if it is one
  std::size_t next = 0;
};

class PlainWriter {
 public:
  PlainWriter(core::ByteSink& out, const PlainJsonOptions& options)
      : bounded_(out, options.bytes_max, "the JSON is longer than the limit of "), out_(bounded_) {}

  core::Status write(const Value& root) {
    core::Status status = visit(root);
    while (status && !stack_.empty()) status = go_on();
    if (status) status = put("\n");
    if (status && !out_.flush()) status = out_.status();
    if (!status && !status.error().path) status.error().path = path();
    return status;
  }

 private:
  core::Status visit(const Value& value) {
    switch (value.kind()) {
      case core::Kind::nil: return put("null");
      case core::Kind::boolean: return put(*value.boolean() ? "true" : "false");
      case core::Kind::number: return put_number(*value.number());
      case core::Kind::string: return put_string(*value.string());
      case core::Kind::table: return begin_table(value);
      case core::Kind::function: return refuse("a function cannot be said in JSON");
      case core::Kind::instance: return begin_instance(value);
      case core::Kind::tensor: return put_tensor(*value.tensor());
      case core::Kind::storage: return put_elements(value.storage()->type(), value.storage()->bytes());
    }
    return {};
  }

  core::Status begin_table(const Value& value) {
    auto table = plain_table(*value.table());
    if (!table) return std::unexpected(std::move(table.error()));
    if (core::Status status = push(value); !status) return status;
    stack_.back().table = std::move(*table);
    return put(stack_.back().table.is_array ? "[" : "{");
  }

  core::Status begin_instance(const Value& value) {
    if (const auto array = kept_array_of(*value.instance())) return put_array(*array);
    if (core::Status status = push(value); !status) return status;
    return is_bare(value) ? core::Status() : put("[");
  }

  core::Status push(const Value& value) {
    if (!on_the_way_.insert(value.node()).second) {
      return refuse("the object contains itself, which plain JSON cannot say");
    }
    stack_.push_back({.container = value, .table = {}});
    return {};
  }

  /// One thing is written as it is, several as an array.
  static bool is_bare(const Value& instance) { return instance.instance()->payload().size() == 1; }

  core::Status go_on() {
    Frame& frame = stack_.back();
    return frame.container.table() != nullptr ? go_on_with_table(frame) : go_on_with_instance(frame);
  }

  core::Status go_on_with_table(Frame& frame) {
    const core::Table& table = *frame.container.table();
    if (frame.next == table.size()) return end(frame.table.is_array ? "]" : "}");
    const std::size_t part = frame.next++;
    const core::Table::Entry& entry = table.slots()[frame.table.position(part)];
    if (part > 0) {
      if (core::Status status = put(","); !status) return status;
    }
    if (!frame.table.is_array) {
      if (core::Status status = put_string(*entry.first.string()); !status) return status;
      if (core::Status status = put(":"); !status) return status;
    }
    return visit(entry.second);
  }

  core::Status go_on_with_instance(Frame& frame) {
    const auto payload = frame.container.instance()->payload();
    if (frame.next == payload.size()) return end(is_bare(frame.container) ? "" : "]");
    const core::PayloadItem& item = payload[frame.next++];
    if (frame.next > 1) {
      if (core::Status status = put(","); !status) return status;
    }
    if (const auto* value = std::get_if<Value>(&item)) return visit(*value);
    const auto& scalars = std::get<core::ScalarArray>(item);
    return scalars.count == 1 ? put_element(scalars.type, scalars.bytes.data())
                              : put_elements(scalars.type, scalars.bytes);
  }

  core::Status end(std::string_view closing) {
    on_the_way_.erase(stack_.back().container.node());
    stack_.pop_back();
    return put(closing);
  }

  core::Status put_tensor(const core::Tensor& tensor) {
    core::ElementWalk walk(tensor);
    if (walk.at_end()) return put("[]");
    const std::byte* const elements = tensor.storage()->bytes().data();
    const std::size_t width = core::size_bytes_of(tensor.type());
    BracketWalk brackets(tensor.sizes());
    for (; !walk.at_end(); walk.advance()) {
      if (core::Status status = put(brackets.next()); !status) return status;
      const std::byte* const element = elements + static_cast<std::size_t>(walk.position()) * width;
      if (core::Status status = put_element(tensor.type(), element); !status) return status;
    }
    return put(brackets.end());
  }

  core::Status put_array(const KeptArray& array) {
    core::ElementWalk walk(*array.data);
    if (walk.at_end()) return put("[]");
    const std::byte* const units = array.data->storage()->bytes().data();
    const std::size_t width = core::size_bytes_of(array.data->type());
    const Packing packing = packing_of(array.dtype);
    BracketWalk brackets(array.shape);
    for (std::int64_t unit = 0; !walk.at_end(); walk.advance(), ++unit) {
      const std::byte* const from = units + static_cast<std::size_t>(walk.position()) * width;
      core::Status status = packing.elements > 1 ? put_halves(array.dtype, brackets, *from)
                            : packing.units > 1  ? put_part(array.dtype, brackets, from, unit % packing.units)
                                                 : put_unit(brackets.next(), array.dtype, from);
      if (!status) return status;
    }
    return put(brackets.end());
  }

  /// The two elements of a byte.
  core::Status put_halves(Dtype dtype, BracketWalk& brackets, std::byte both) {
    const std::byte low = both & std::byte{0x0f};
    const std::byte high = both >> 4U;
    if (core::Status status = put_unit(brackets.next(), dtype, &low); !status) return status;
    return put_unit(brackets.next(), dtype, &high);
  }

  /// The real part of a complex number, or the imaginary one.
  core::Status put_part(Dtype dtype, BracketWalk& brackets, const std::byte* from, std::int64_t part) {
    if (part > 0) {
      if (core::Status status = put_unit(",", dtype, from); !status) return status;
      return put("]");
    }
    if (core::Status status = put(brackets.next()); !status) return status;
    return put_unit("[", dtype, from);
  }

  core::Status put_unit(std::string_view before, Dtype dtype, const std::byte* from) {
    if (core::Status status = put(before); !status) return status;
    std::byte* const room = out_.room(kJsonNumberBytesMax);
    if (room == nullptr) return out_.status();
    char* const to = reinterpret_cast<char*>(room);
    out_.advance(static_cast<std::size_t>(print_plain_unit(to, dtype, from) - to));
    return {};
  }

  core::Status put_elements(ElementType type, std::span<const std::byte> bytes) {
    if (core::Status status = put("["); !status) return status;
    const std::size_t width = core::size_bytes_of(type);
    for (std::size_t at = 0; at < bytes.size(); at += width) {
      if (at > 0) {
        if (core::Status status = put(","); !status) return status;
      }
      if (core::Status status = put_element(type, bytes.data() + at); !status) return status;
    }
    return put("]");
  }

  core::Status put_number(double value) {
    return put_element(ElementType::f64, reinterpret_cast<const std::byte*>(&value));
  }

  core::Status put_element(ElementType type, const std::byte* from) {
    std::byte* const room = out_.room(kJsonNumberBytesMax);
    if (room == nullptr) return out_.status();
    char* const to = reinterpret_cast<char*>(room);
    out_.advance(static_cast<std::size_t>(print_plain_element(to, type, from) - to));
    return {};
  }

  core::Status put_string(std::string_view text) {
    if (!core::is_utf8(text)) return refuse("a string is not UTF-8");
    return write_json_string(out_, text) ? core::Status() : out_.status();
  }

  core::Status put(std::string_view text) {
    return out_.write(std::as_bytes(std::span(text))) ? core::Status() : out_.status();
  }

  core::Status refuse(std::string what) const {
    return core::fail(ErrorCode::unrepresentable, std::move(what) + "; ask for the lossless JSON");
  }

  std::string path() const { return core::path_through(stack_, step_of); }

  static std::optional<core::PathStep> step_of(const Frame& frame) {
    const core::Table* table = frame.container.table();
    if (table == nullptr || frame.next == 0) return std::nullopt;
    const Value& key = table->slots()[frame.table.position(frame.next - 1)].first;
    if (key.number()) return *key.number();
    return std::string(key.string()->substr(0, core::kPathKeyBytesMax + 1));
  }

  core::BoundedSink bounded_;
  core::BufferedWriter out_;
  std::vector<Frame> stack_;
  std::unordered_set<const void*> on_the_way_;
};

}  // namespace

core::Status write_plain_json(const core::Value& value, core::ByteSink& out, const PlainJsonOptions& options) {
  return PlainWriter(out, options).write(value);
}

}  // namespace sconce::proto
