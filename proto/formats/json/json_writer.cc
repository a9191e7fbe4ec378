#include "proto/formats/json/json_writer.h"
#include "core/text/utf8.h"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/bytes/buffered_writer.h"
#include "core/limits.h"
#include "proto/formats/json/base64.h"
#include "proto/formats/json/json_numbers.h"
#include "proto/formats/json/json_text.h"

namespace sconce::proto {

namespace event = core::event;

class JsonWriter::Impl {
 public:
  explicit Impl(core::ByteSink& out) : out_(out), base64_(out_) {}

  core::Status on(const core::Event& event) {
    if (std::visit([this](const auto& each) { return this->take(each); }, event)) return {};
    return out_.status();
  }

  core::Status finish() {
    if (put("\n")) (void)out_.flush();  // status() tells what failed
    return out_.status();
  }

 private:
  /// A container whose parts come. What an instance is, the event behind it says.
  struct Frame {
    enum class Kind : std::uint8_t { table, function, instance, tensor, storage };
    Kind kind;
    bool is_at_value = false;  // of a pair
    bool has_parts = false;
  };
  /// What the bytes and elements that come belong to.
  enum class Run : std::uint8_t { string, code, storage, scalars };

  /// An instance that is none of the two below has begun for certain when anything else comes.
  template <class Each>
  bool take(const Each& each) {
    if (is_header_held_ && !begin_class()) return false;
    return write(each);
  }
  bool take(const event::Tensor& tensor) { return write(tensor); }
  bool take(const event::Storage& storage) { return write(storage); }

  bool write(const event::Nil&) { return begin_value() && put("null") && end_value(); }

  bool write(const event::Number& number) {
    if (!begin_value()) return false;
    const auto* const from = reinterpret_cast<const std::byte*>(&number.value);
    if (is_finite(number.value)) return put_element(core::ElementType::f64, from) && end_value();
    return put("{\"number\":") && put_element(core::ElementType::f64, from) && put("}") && end_value();
  }

  bool write(const event::Boolean& boolean) {
    if (!begin_value()) return false;
    if (boolean.wire == 0 || boolean.wire == 1) return put(boolean.wire == 1 ? "true" : "false") && end_value();
    return put("{\"boolean\":") && put_integer(boolean.wire) && put("}") && end_value();
  }

  bool write(const event::String& string) {
    if (!begin_value()) return false;
    if (!string.is_inline()) return begin_bytes(string.size_bytes);
    return put_text(string.bytes) && end_value();
  }

  bool begin_bytes(std::uint64_t size_bytes) {
    return put("{\"bytes\":") && put_integer(size_bytes) && put(",\"base64\":") && begin_run(Run::string, size_bytes);
  }

  bool write(const event::Bytes& bytes) {
    left_ -= bytes.bytes.size();
    return base64_.write(bytes.bytes) && (left_ > 0 || end_run());
  }

  bool write(const event::Table& table) {
    return begin_value() && put("{\"table\":") && put_integer(table.index) && put(",\"count\":") &&
           put_integer(table.count) && put(",\"pairs\":[") && open(Frame::Kind::table);
  }

  bool write(const event::Reference& reference) {
    return begin_value() && put("{\"reference\":") && put_integer(reference.index) && put(",\"tag\":") &&
           put_integer(reference.tag) && put("}") && end_value();
  }

  bool write(const event::Function& function) {
    return begin_value() && put("{\"function\":") && (function.index ? put_integer(*function.index) : put("null")) &&
           put(",\"tag\":") && put_integer(function.tag) && put(",\"bytes\":") && put_integer(function.size_bytes) &&
           put(",\"code\":") && open(Frame::Kind::function) && begin_run(Run::code, function.size_bytes);
  }

  bool write(const event::Instance& instance) {
    index_ = instance.index;
    name_ = instance.header.name;
    version_ = instance.header.version;
    is_header_held_ = true;
    return begin_value() && open(Frame::Kind::instance);
  }

  bool begin_class() { return put_header("class") && put(",\"payload\":["); }

  bool write(const event::Tensor& tensor) {
    stack_.back().kind = Frame::Kind::tensor;
    return put_header("tensor") && put(",\"sizes\":[") && put_longs(tensor.sizes) && put("],\"strides\":[") &&
           put_longs(tensor.strides) && put("],\"offset\":") && put_integer(tensor.offset) && put(",\"storage\":");
  }

  bool write(const event::Storage& storage) {
    stack_.back().kind = Frame::Kind::storage;
    return put_header("storage") && begin_elements(storage.count) &&
           begin_run(Run::storage, array_bytes(storage.count, storage.tensor_class.type));
  }

  bool write(const event::Scalars& scalars) {
    return begin_value() && put("{\"scalars\":\"") && put(core::name_of(scalars.type)) && put("\"") &&
           begin_elements(scalars.count) && begin_run(Run::scalars, array_bytes(scalars.count, scalars.type));
  }

  bool write(const event::Elements& elements) {
    const std::size_t width = core::size_bytes_of(elements.type);
    for (std::size_t at = 0; at < elements.bytes.size(); at += width) {
      if (!put_element(elements.type, elements.bytes.data() + at, !is_run_begun_)) return false;
      is_run_begun_ = true;
    }
    left_ -= elements.bytes.size();
    return left_ > 0 || end_run();
  }

  bool write(const event::End&) {
    const Frame::Kind kind = stack_.back().kind;
    stack_.pop_back();
    const bool in_list = kind == Frame::Kind::table || kind == Frame::Kind::instance;
    return put(in_list ? "]}" : "}") && end_value();
  }

  static std::uint64_t array_bytes(std::int64_t count, core::ElementType type) {
    return static_cast<std::uint64_t>(count) * core::size_bytes_of(type);
  }

  bool begin_elements(std::int64_t count) { return put(",\"count\":") && put_integer(count) && put(",\"elements\":["); }

  bool begin_run(Run run, std::uint64_t size_bytes) {
    run_ = run;
    left_ = size_bytes;
    is_run_begun_ = false;
    const bool is_bytes = run == Run::string || run == Run::code;
    return (!is_bytes || base64_.begin()) && (left_ > 0 || end_run());
  }

  bool end_run() {
    switch (run_) {
      case Run::string: return base64_.end() && put("}") && (is_text_nested_ || end_value());
      case Run::code: return base64_.end() && put(",\"upvalues\":");
      case Run::storage: return put("]");
      case Run::scalars: return put("]}") && end_value();
    }
    return false;
  }

  bool open(Frame::Kind kind) {
    stack_.push_back({.kind = kind});
    return true;
  }

  /// What separates a value from what stands before it.
  bool begin_value() {
    if (stack_.empty()) return true;
    const Frame& frame = stack_.back();
    if (frame.kind == Frame::Kind::table) return put(frame.is_at_value ? "," : frame.has_parts ? ",[" : "[");
    return frame.kind != Frame::Kind::instance || !frame.has_parts || put(",");
  }

  bool end_value() {
    if (stack_.empty()) return true;
    Frame& frame = stack_.back();
    frame.has_parts = true;
    if (frame.kind != Frame::Kind::table) return true;
    frame.is_at_value = !frame.is_at_value;
    return frame.is_at_value || put("]");
  }

  bool put_header(std::string_view kind) {
    is_header_held_ = false;
    return put("{\"") && put(kind) && put("\":") && put_text(name_) && put(",\"version\":") &&
           (version_ ? put_text(*version_) : put("null")) && put(",\"index\":") && put_integer(index_);
  }

  /// Bytes that are all here.
  bool put_text(std::string_view bytes) {
    if (bytes.size() <= core::kInlineStringBytesMax && core::is_utf8(bytes)) return write_json_string(out_, bytes);
    is_text_nested_ = true;
    const bool written = begin_bytes(bytes.size()) && (bytes.empty() || write(event::Bytes{bytes}));
    is_text_nested_ = false;
    return written;
  }

  bool put(std::string_view text) { return out_.write(std::as_bytes(std::span(text))); }

  template <class Integer>
  bool put_integer(Integer value) {
    std::byte* const room = out_.room(kJsonNumberBytesMax);
    if (room == nullptr) return false;
    char* const to = reinterpret_cast<char*>(room);
    out_.advance(static_cast<std::size_t>(std::to_chars(to, to + kJsonNumberBytesMax, value).ptr - to));
    return true;
  }

  bool put_longs(std::span<const std::int64_t> values) {
    bool is_first = true;
    for (const std::int64_t value : values) {
      if ((!is_first && !put(",")) || !put_integer(value)) return false;
      is_first = false;
    }
    return true;
  }

  bool put_element(core::ElementType type, const std::byte* from, bool is_first = true) {
    std::byte* const room = out_.room(kJsonNumberBytesMax + 1);
    if (room == nullptr) return false;
    char* const begin = reinterpret_cast<char*>(room);
    char* to = begin;
    if (!is_first) *to++ = ',';
    out_.advance(static_cast<std::size_t>(print_json_element(to, type, from) - begin));
    return true;
  }

  core::BufferedWriter out_;
  Base64Writer base64_;
  std::vector<Frame> stack_;

  // The header of an instance, until the next event says what it is.
  bool is_header_held_ = false;
  std::int32_t index_ = 0;
  std::string name_;
  std::optional<std::string> version_;

  Run run_ = Run::string;
  std::uint64_t left_ = 0;  // bytes of the run that are still to come
  bool is_run_begun_ = false;
  bool is_text_nested_ = false;  // the string is part of a value, and none itself
};

JsonWriter::JsonWriter(core::ByteSink& out) : impl_(std::make_unique<Impl>(out)) {}
JsonWriter::JsonWriter(JsonWriter&&) noexcept = default;
JsonWriter& JsonWriter::operator=(JsonWriter&&) noexcept = default;
JsonWriter::~JsonWriter() = default;

core::Status JsonWriter::on(const core::Event& event) { return impl_->on(event); }
core::Status JsonWriter::finish() { return impl_->finish(); }

}  // namespace sconce::proto
