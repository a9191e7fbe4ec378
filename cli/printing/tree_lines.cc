#include "cli/printing/tree_lines.h"

#include <algorithm>
#include <span>
#include <utility>

#include "cli/printing/text.h"
#include "core/event/element_type.h"
#include "core/text/printable.h"

namespace sconce::cli {
namespace {

constexpr std::size_t kTextBytesHeld = 64 * 1024;
/// Deeper lines are indented no further. Stops a few kilobytes of `{{{{…` from becoming gigabytes of spaces.
constexpr std::size_t kIndentedDepthMax = 32;

std::string joined(std::span<const std::int64_t> numbers, char separator) {
  std::string text;
  for (const std::int64_t number : numbers) {
    if (!text.empty()) text += separator;
    text += std::to_string(number);
  }
  return text;
}

}  // namespace

void TreeLines::begin(std::size_t depth) {
  if (line_is_open_) text_ += '\n';
  line_is_open_ = true;
  text_.append(2 * std::min(depth, kIndentedDepthMax), ' ');
  if (depth > kIndentedDepthMax) text_ += "(level " + std::to_string(depth) + ") ";
}

core::Status TreeLines::pass_on() {
  if (text_.size() < kTextBytesHeld) return {};
  const std::string full = std::exchange(text_, {});
  return out_.write(std::as_bytes(std::span(full)));
}

core::Status TreeLines::finish() {
  if (line_is_open_) text_ += '\n';
  line_is_open_ = false;
  const std::string rest = std::exchange(text_, {});
  return out_.write(std::as_bytes(std::span(rest)));
}

std::string label_of(const core::PathStep& key) {
  std::string label;
  core::append_step(label, key);
  return core::printable(label);
}

std::string name_and_index(std::string_view name, std::int32_t index) {
  return std::string(name) + " #" + std::to_string(index);
}

std::string reference_text(std::int32_t index) { return "same as #" + std::to_string(index); }

std::string table_text(std::int32_t index, std::int64_t count) {
  return name_and_index("table", index) + ", " +
         counted(static_cast<std::uint64_t>(std::max<std::int64_t>(count, 0)), "pair");
}

std::string function_text(const core::event::Function& function) {
  const std::string name = function.index ? name_and_index("function", *function.index) : "function";
  return name + ", " + counted(function.size_bytes, "byte") + " of code";
}

std::string tensor_text(const core::event::Tensor& tensor) {
  std::string text = tensor.sizes.empty() ? "empty" : joined(tensor.sizes, 'x');
  text += " of " + std::string(core::name_of(tensor.tensor_class.type));
  if (!tensor.strides.empty()) text += ", strides " + joined(tensor.strides, ' ');
  return text + ", offset " + std::to_string(tensor.offset);
}

std::string storage_text(const core::event::Storage& storage) {
  const core::ElementType type = storage.tensor_class.type;
  const std::uint64_t size_bytes = static_cast<std::uint64_t>(storage.count) * core::size_bytes_of(type);
  return std::to_string(storage.count) + " of " + std::string(core::name_of(type)) + ", " + counted(size_bytes, "byte");
}

}  // namespace sconce::cli
