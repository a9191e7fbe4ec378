#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "core/class_layout.h"
#include "core/error.h"
#include "core/event.h"
#include "core/event_reader.h"
#include "core/format.h"

namespace sconce::cli {

/// How the commands that read objects are to read them.
struct ReadingArguments {
  core::Format from = core::Format::automatic;
  bool referenced = true;
  std::string classes_file;  ///< May be empty.
};

/// The classes that the core knows, and those that `file` declares; without a file, only the former.
/// Errors: not_found, io_error, invalid_argument.
core::Result<core::ClassLayouts> load_classes(const std::string& file);

/// The options for an input of `size_bytes`. Lifetime: `classes` is borrowed.
core::ReadOptions read_options(const ReadingArguments& arguments, const core::ClassLayouts& classes,
                               std::size_t size_bytes);

/// The format that was asked for, or the one that the bytes are in. Errors: unknown_format, truncated.
core::Result<core::Format> format_of(std::span<const std::byte> bytes, core::Format asked,
                                     const core::ReadOptions& options);

/// Reads the object that `bytes` begin with into `sink`, and returns the bytes that it took.
core::Result<std::size_t> read_into(core::EventSink& sink, std::span<const std::byte> bytes, core::Format format,
                                    const core::ReadOptions& options);

}  // namespace sconce::cli
