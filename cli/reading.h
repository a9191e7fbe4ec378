#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/bytes/byte_source.h"
#include "core/classes/class_layout.h"
#include "core/classes/undeclared_classes.h"
#include "core/error.h"
#include "core/event/event.h"
#include "core/torch7/event_reader.h"
#include "proto/formats/convert/object_importer.h"
#include "proto/formats/object_format.h"

namespace sconce::cli {

/// How the commands that read objects are to read them.
struct ReadingArguments {
  proto::ObjectFormat from = proto::ObjectFormat::automatic;
  bool referenced = true;
  std::string classes_file;                          ///< May be empty.
  std::optional<std::size_t> object = std::nullopt;  ///< Of the objects in the input, from 1. Others may follow it.
  bool allow_trailing_bytes = false;                 ///< Behind the object.

  std::size_t object_number() const { return object.value_or(1); }
};

/// The classes that the core knows, and those that `file` declares; without a file, only the former.
/// Errors: not_found, io_error, invalid_argument.
core::Result<core::ClassLayouts> load_classes(const std::string& file);

/// The options for an input of `size_bytes`. Lifetime: `classes` is borrowed.
core::ReadOptions read_options(const ReadingArguments& arguments, const core::ClassLayouts& classes,
                               std::uint64_t size_bytes);

/// The format that was asked for, or the one that the input is in; never `automatic`. Threads: no state. Errors:
/// unknown_format, truncated; the input's.
core::Result<proto::ObjectFormat> format_of(core::ByteSource& input, proto::ObjectFormat asked,
                                            const core::ReadOptions& options);

/// The error of reading `input`: if it is in the first bytes of a file of other programs, with what that is. Threads:
/// no state.
core::Error explained(core::Error error, core::ByteSource& input, proto::ObjectFormat asked);

/// What the commands call it: of the two names of binary the one that says how long a long is, `b64`.
std::string_view shown_name_of(proto::ObjectFormat format);

/// For an intake of all that is in `input`. Lifetime: it and the options' classes are borrowed.
proto::ImportRequest intake_request(core::ByteSource& input, proto::ObjectFormat format,
                                    const core::ReadOptions& options);

/// Gives all that is in `input` to an intake of that request. Errors: the intake's, the input's.
core::Status take_all(proto::ObjectImporter& intake, core::ByteSource& input, proto::ObjectFormat format);

/// Reads all of `input`, in a format that is not Torch's, into `sink`: the events are those of its canonical bytes.
/// Returns what was assumed and left out. Errors: the reader's, with offset and path; those of `sink`; the input's.
struct ForeignRead {
  core::UndeclaredClasses undeclared;
  proto::SkippedEntries skipped;
};
core::Result<ForeignRead> read_foreign_into(core::EventSink& sink, core::ByteSource& input, proto::ObjectFormat format,
                                            const core::ReadOptions& options);

}  // namespace sconce::cli
