#include "cli/reading.h"

#include <string_view>
#include <utility>

#include "cli/input.h"
#include "core/sniff.h"

namespace sconce::cli {

core::Result<core::ClassLayouts> load_classes(const std::string& file) {
  core::ClassLayouts classes;
  if (file.empty()) return classes;
  const auto input = Input::open(file);
  if (!input) return std::unexpected(input.error());
  const auto bytes = input->bytes();
  core::Status declared = classes.declare_all({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!declared) return std::unexpected(std::move(declared.error()));
  return classes;
}

core::ReadOptions read_options(const ReadingArguments& arguments, const core::ClassLayouts& classes,
                               std::size_t size_bytes) {
  core::ReadOptions options;
  options.referenced = arguments.referenced;
  options.input_bytes = size_bytes;
  options.classes = &classes;
  return options;
}

core::Result<core::Format> format_of(std::span<const std::byte> bytes, core::Format asked,
                                     const core::ReadOptions& options) {
  if (asked != core::Format::automatic) return asked;
  return core::sniff(bytes, options);
}

core::Result<std::size_t> read_into(core::EventSink& sink, std::span<const std::byte> bytes, core::Format format,
                                    const core::ReadOptions& options) {
  core::EventReader reader(format, sink, options);
  return reader.put_last(bytes);
}

}  // namespace sconce::cli
