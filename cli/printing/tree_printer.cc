#include "cli/printing/tree_printer.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <variant>

#include "cli/printing/text.h"
#include "core/event/element_type.h"
#include "core/text/printable.h"

namespace sconce::cli {
namespace {

using core::Status;
namespace event = core::event;

constexpr std::size_t kStringBytesShown = 64;

std::string number_text(double number) {
  char digits[32];
  return {digits, std::to_chars(digits, std::end(digits), number).ptr};
}

/// `torch.FloatTensor #2`; ` (V 3)` and ` (no version)` where it is not the usual one.
std::string header_text(const event::Instance& instance) {
  std::string text = name_and_index(core::printable(instance.header.name), instance.index);
  if (!instance.header.version) return text + " (no version)";
  if (*instance.header.version != "V 1") text += " (" + core::printable(*instance.header.version) + ")";
  return text;
}

/// Whether a declared class holds nothing but pairs of objects. In a layout that mixes pairs and single objects, all
/// stand one below the other.
bool holds_pairs(const core::ClassLayout& layout) {
  using Kind = core::LayoutOp::Kind;
  const auto is = [](Kind kind) { return [kind](const core::LayoutOp& op) { return op.kind == kind; }; };
  return std::ranges::any_of(layout.ops, is(Kind::pairs)) && std::ranges::none_of(layout.ops, is(Kind::objects));
}

}  // namespace

Status TreePrinter::on(const core::Event& event) {
  std::visit([this](const auto& one) { take(one); }, event);
  return lines_.pass_on();
}

void TreePrinter::take(const event::Number& number) {
  if (at_key()) return take_key(number.value);
  print_leaf(number_text(number.value));
}

void TreePrinter::take(const event::Boolean& boolean) {
  if (at_key()) return take_key(boolean.value());
  print_leaf(boolean.value() ? "true" : "false");
}

void TreePrinter::take(const event::String& string) {
  string_ = string.bytes.substr(0, kStringBytesShown + 1);
  string_size_bytes_ = string.size_bytes;
  string_left_bytes_ = string.size_bytes - string.bytes.size();
  if (string_left_bytes_ == 0) string_arrived();
}

void TreePrinter::take(const event::Bytes& bytes) {
  if (string_left_bytes_ == 0) return;  // a function's code
  string_ += bytes.bytes.substr(0, kStringBytesShown + 1 - string_.size());
  string_left_bytes_ -= bytes.bytes.size();
  if (string_left_bytes_ == 0) string_arrived();
}

void TreePrinter::string_arrived() {
  if (at_key()) return take_key(string_);
  std::string text = quoted(string_, kStringBytesShown);
  if (string_size_bytes_ > kStringBytesShown) text += ", " + counted(string_size_bytes_, "byte");
  print_leaf(text);
}

void TreePrinter::take(const event::Reference& reference) {
  if (at_key()) return take_key(core::KeyIndex{reference.index});
  print_leaf(reference_text(reference.index));
}

void TreePrinter::take(const event::Table& table) {
  const std::size_t depth = begin_object(table.index);
  lines_ += table_text(table.index, table.count);
  frames_.push_back({.kind = Frame::Kind::table, .depth = depth, .in_pairs = true});
}

void TreePrinter::take(const event::Function& function) {
  const std::size_t depth = begin_object(function.index.value_or(0));
  lines_ += function_text(function);
  frames_.push_back({.kind = Frame::Kind::function, .depth = depth, .label = "upvalues"});
}

void TreePrinter::take(const event::Instance& instance) {
  const std::size_t depth = begin_object(instance.index);
  lines_ += header_text(instance);
  const core::ClassLayout* layout = classes_.find(instance.header.name, instance.header.version);
  if (layout == nullptr) {
    frames_.push_back({.kind = Frame::Kind::class_of_one, .depth = depth});
  } else {
    frames_.push_back({.kind = Frame::Kind::declared, .depth = depth, .in_pairs = holds_pairs(*layout)});
  }
}

void TreePrinter::take(const event::Tensor& tensor) {
  frames_.back().kind = Frame::Kind::tensor;
  frames_.back().label = "storage";
  lines_ += ": " + tensor_text(tensor);
}

void TreePrinter::take(const event::Storage& storage) { lines_ += ": " + storage_text(storage); }

void TreePrinter::take(const event::Scalars& scalars) {
  lines_.begin(frames_.back().depth + 1);
  lines_ += std::to_string(scalars.count) + " of " + std::string(core::name_of(scalars.type));
}

/// The next object of the innermost frame is a key, and this is how it is called.
void TreePrinter::take_key(const core::PathStep& key) {
  frames_.back().label = label_of(key);
  frames_.back().at_key = false;
}

/// Begins the line of an object that is not a leaf, key or value, and returns its depth.
std::size_t TreePrinter::begin_object(std::int32_t index) {
  if (!at_key()) return begin_value();
  take_key(core::KeyIndex{index});
  const std::size_t depth = frames_.back().depth + 1;
  lines_.begin(depth);
  lines_ += "key: ";
  return depth;
}

/// Begins the line of a value, with its label, and returns its depth.
std::size_t TreePrinter::begin_value() {
  if (frames_.empty()) {
    lines_.begin(0);
    return 0;
  }
  Frame& parent = frames_.back();
  parent.at_key = parent.in_pairs;
  if (parent.kind == Frame::Kind::class_of_one) {
    lines_ += ": ";
    return parent.depth;
  }
  lines_.begin(parent.depth + 1);
  if (!parent.label.empty()) lines_ += parent.label + ": ";
  return parent.depth + 1;
}

void TreePrinter::print_leaf(std::string_view text) {
  begin_value();
  lines_ += text;
}

}  // namespace sconce::cli
