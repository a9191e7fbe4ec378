#pragma once

#include <cstddef>
#include <string>

#include "cli/reading.h"
#include "core/bytes/byte_source.h"
#include "core/classes/undeclared_classes.h"
#include "core/error.h"
#include "core/event/event.h"
#include "core/torch7/event_reader.h"
#include "proto/formats/object_format.h"

namespace sconce::cli {

/// An object of an input, and what stands behind it. Torch writes several objects into one file where `writeObject` is
/// called several times.
struct SequenceRead {
  std::size_t end_bytes = 0;           ///< Where it ends.
  std::size_t bytes_behind = 0;        ///< All that follows; white space at the end of ascii is nothing.
  std::size_t objects_behind = 0;      ///< Whole objects that it begins with.
  bool explained = true;               ///< And it is nothing else.
  std::string suspect;                 ///< Which class may have written it, to be put behind an error; may be empty.
  core::UndeclaredClasses undeclared;  ///< Of it, and of what stands before it.
  proto::SkippedEntries skipped;       ///< Of an npz.
};

/// Reads the object of that number, from 1, into `sink`, and the others into nothing. Elements are passed over where
/// the format allows it, without events of them. In the formats that are not Torch's there is only one. Threads:
/// safe from many, on different sinks and inputs. Errors: the reader's; the input's; not_found.
core::Result<SequenceRead> read_object(core::EventSink& sink, core::ByteSource& input, proto::ObjectFormat format,
                                       const core::ReadOptions& options, std::size_t number);

/// Reads the objects 1 to `count` into `sink` as one table 1..count, so that what is shared between them is known.
/// Indices are those of the input and one. Errors: the same; limit_exceeded.
core::Status read_objects_as_table(core::EventSink& sink, core::ByteSource& input, core::Format format,
                                   const core::ReadOptions& options, std::size_t count);

/// Whether what stands behind the object may be left out: nothing, or what the arguments allow. Who names an object
/// knows that there are others. Errors: trailing_bytes.
core::Status check_behind(const SequenceRead& read, const ReadingArguments& arguments);

/// `1 more object (15 bytes)`, or `6 bytes`.
std::string described_behind(const SequenceRead& read);

/// `; not declared, so each read as one object: my.A, my.B`; empty if there are none.
std::string described_undeclared(const core::UndeclaredClasses& classes);

/// `; no arrays, so left out: README.txt, names.npy`; empty if there are none.
std::string described_skipped(const proto::SkippedEntries& skipped);

}  // namespace sconce::cli
