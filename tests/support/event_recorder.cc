#include "tests/support/event_recorder.h"

#include <bit>
#include <variant>

namespace sconce::tests {

namespace {

namespace event = core::event;

std::string numbers(std::span<const std::int64_t> values) {
  std::string text;
  for (const std::int64_t value : values) text += ' ' + std::to_string(value);
  return text;
}

std::string of(core::TensorClass tensor_class) { return core::tensor_name_of(tensor_class); }

std::string line(const event::Nil&) { return "nil"; }
std::string line(const event::Number& e) { return "number " + std::to_string(std::bit_cast<std::uint64_t>(e.value)); }
std::string line(const event::Boolean& e) { return "boolean " + std::to_string(e.wire); }
std::string line(const event::String& e) {
  return "string " + std::to_string(e.size_bytes) + (e.is_inline() ? " inline " : " ") + std::string(e.bytes);
}
std::string line(const event::Bytes&) { return "bytes "; }
std::string line(const event::Table& e) { return "table " + std::to_string(e.index) + ' ' + std::to_string(e.count); }
std::string line(const event::Reference& e) {
  return "reference " + std::to_string(e.tag) + ' ' + std::to_string(e.index);
}
std::string line(const event::Function& e) {
  const std::string index = e.index ? std::to_string(*e.index) : "none";
  return "function " + std::to_string(e.tag) + ' ' + index + ' ' + std::to_string(e.size_bytes);
}
std::string line(const event::Instance& e) {
  const std::string version = e.header.version ? std::string(*e.header.version) : "none";
  return "instance " + std::to_string(e.index) + ' ' + version + ' ' + std::string(e.header.name);
}
std::string line(const event::Tensor& e) {
  return "tensor " + of(e.tensor_class) + numbers(e.sizes) + " |" + numbers(e.strides) + " | " +
         std::to_string(e.offset);
}
std::string line(const event::Storage& e) { return "storage " + of(e.tensor_class) + ' ' + std::to_string(e.count); }
std::string line(const event::Scalars& e) {
  return "scalars " + std::string(core::name_of(e.type)) + ' ' + std::to_string(e.count);
}
std::string line(const event::Elements& e) { return "elements " + std::string(core::name_of(e.type)) + ' '; }
std::string line(const event::End&) { return "end"; }

std::string_view piece_of(const core::Event& event) {
  if (const auto* bytes = std::get_if<event::Bytes>(&event)) return bytes->bytes;
  const auto& elements = std::get<event::Elements>(event).bytes;
  return {reinterpret_cast<const char*>(elements.data()), elements.size()};
}

}  // namespace

core::Status EventRecorder::on(const core::Event& event) {
  const bool piece = std::holds_alternative<event::Bytes>(event) || std::holds_alternative<event::Elements>(event);
  if (!piece || !in_pieces_) text_ += '\n' + std::visit([](const auto& each) { return line(each); }, event);
  if (piece) text_ += piece_of(event);
  in_pieces_ = piece;
  return {};
}

}  // namespace sconce::tests
