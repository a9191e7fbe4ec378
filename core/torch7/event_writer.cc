#include "core/torch7/event_writer.h"

#include <cassert>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/bytes/buffered_writer.h"
#include "core/torch7/scalar_encoders.h"

namespace sconce::core {

class EventWriter::Impl {
 public:
  virtual ~Impl() = default;
  virtual Status on(const Event& event) = 0;
  virtual Status finish() = 0;
};

namespace {

/// A length that the format writes as an int.
bool fits_int(std::uint64_t length) { return length <= std::numeric_limits<std::int32_t>::max(); }

template <class Encoder>
class WriterImpl final : public EventWriter::Impl {
 public:
  WriterImpl(Format format, ByteSink& out) : format_(format), out_(out), encoder_(format, out_) {}

  Status on(const Event& event) override {
    if (std::visit([this](const auto& e) { return this->write(e); }, event)) return {};
    if (!out_.status()) return out_.status();
    if (overflow_) {
      return fail(ErrorCode::unrepresentable, std::string(name_of(format_)) + " has 4-byte longs and cannot hold " +
                                                  std::to_string(*overflow_) + "; write it as b64, binary or ascii");
    }
    return fail(ErrorCode::limit_exceeded, "a string or code is longer than the format's 2147483647 bytes");
  }

  Status finish() override {
    (void)out_.flush();  // status() tells what failed
    return out_.status();
  }

 private:
  bool write(const event::Nil&) { return encoder_.write_int(tag::kNil); }
  bool write(const event::Number& number) {
    return encoder_.write_int(tag::kNumber) && encoder_.write_double(number.value);
  }
  bool write(const event::Boolean& boolean) {
    return encoder_.write_int(tag::kBoolean) && encoder_.write_int(boolean.wire);
  }
  bool write(const event::Table& table) {
    return write_head(tag::kTable, table.index) && encoder_.write_int(table.count);
  }
  bool write(const event::Reference& reference) { return write_head(reference.tag, reference.index); }
  bool write(const event::End&) { return true; }

  bool write(const event::String& string) {
    return encoder_.write_int(tag::kString) && begin_bytes(string.size_bytes) &&
           (string.bytes.empty() || write_part(string.bytes));
  }
  bool write(const event::Bytes& bytes) { return write_part(bytes.bytes); }

  bool write(const event::Function& function) {
    return encoder_.write_int(function.tag) && (!function.index || encoder_.write_int(*function.index)) &&
           begin_bytes(function.size_bytes);
  }

  bool write(const event::Instance& instance) {
    return write_head(tag::kInstance, instance.index) &&
           (!instance.header.version || write_whole(*instance.header.version)) && write_whole(instance.header.name);
  }

  bool write(const event::Tensor& tensor) {
    return encoder_.write_int(static_cast<std::int32_t>(tensor.sizes.size())) && write_longs(tensor.sizes) &&
           write_longs(tensor.strides) && write_longs({&tensor.offset, 1});
  }

  bool write(const event::Storage& storage) {
    left_ = static_cast<std::uint64_t>(storage.count) * size_bytes_of(storage.tensor_class.type);
    return write_longs({&storage.count, 1});
  }

  bool write(const event::Scalars& scalars) {
    left_ = static_cast<std::uint64_t>(scalars.count) * size_bytes_of(scalars.type);
    return true;
  }

  bool write(const event::Elements& elements) {
    left_ -= elements.bytes.size();
    return encoder_.write_elements(elements.type, elements.bytes, left_ == 0, overflow_);
  }

  bool write_head(std::int32_t tag, std::int32_t index) { return encoder_.write_int(tag) && encoder_.write_int(index); }

  /// A whole array of longs: nothing if it is empty.
  bool write_longs(std::span<const std::int64_t> values) {
    for (const std::int64_t value : values) {
      if (!encoder_.holds(value)) {
        overflow_ = value;
        return false;
      }
    }
    return encoder_.write_longs(values);
  }

  bool begin_bytes(std::uint64_t size) {
    left_ = size;
    return fits_int(size) && encoder_.write_int(static_cast<std::int32_t>(size));
  }
  bool write_part(std::string_view bytes) {
    left_ -= bytes.size();
    return encoder_.write_bytes(bytes) && (left_ > 0 || encoder_.end_bytes());
  }
  bool write_whole(std::string_view bytes) { return begin_bytes(bytes.size()) && (bytes.empty() || write_part(bytes)); }

  Format format_;
  BufferedWriter out_;
  Encoder encoder_;
  std::uint64_t left_ = 0;  // bytes of the string, code or array that is being written
  std::optional<std::int64_t> overflow_;
};

std::unique_ptr<EventWriter::Impl> make(Format format, ByteSink& out) {
  assert(format != Format::automatic);
  if (format == Format::ascii) return std::make_unique<WriterImpl<AsciiEncoder>>(format, out);
  return std::make_unique<WriterImpl<BinaryEncoder>>(format, out);
}

}  // namespace

EventWriter::EventWriter(Format format, ByteSink& out) : impl_(make(format, out)) {}
EventWriter::EventWriter(EventWriter&&) noexcept = default;
EventWriter& EventWriter::operator=(EventWriter&&) noexcept = default;
EventWriter::~EventWriter() = default;

Status EventWriter::on(const Event& event) { return impl_->on(event); }
Status EventWriter::finish() { return impl_->finish(); }

}  // namespace sconce::core
