#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/bytes/byte_source.h"
#include "core/error.h"
#include "core/outline/outline.h"
#include "core/torch7/event_reader.h"
#include "proto/formats/convert/canonical_output.h"
#include "proto/formats/object_format.h"
#include "proto/formats/skipped_entries.h"

namespace sconce::cli {

/// The object that an input begins with as canonical bytes that have been checked: the input's own where they are, and
/// otherwise in a file without a name in the system's folder for temporary files. Memory does not grow with the object.
/// Threads: one at a time.
class CanonicalInput {
 public:
  /// Lifetime: `input` and the options' classes are borrowed. Errors: the reader's, with offset and path; the input's;
  /// io_error and no_space, which are about the temporary file.
  static core::Result<CanonicalInput> read(core::ByteSource& input, proto::ObjectFormat format,
                                           const core::ReadOptions& options);

  /// The same of the objects 1 to `count`, as one table 1..count (sequence.h). Memory then is bounded too.
  static core::Result<CanonicalInput> read_table(core::ByteSource& input, core::Format format,
                                                 const core::ReadOptions& options, std::size_t count);

  /// Valid as long as this object lives and is not moved; its classes are those of the options.
  proto::CanonicalBytes canonical() const;

  /// Whether they are the input's own, so that an offset in the one is one in the other.
  bool is_input() const { return bytes_ == Bytes::of_input; }

  /// What of an npz is no array, and so not in it.
  const proto::SkippedEntries& skipped() const { return skipped_; }

 private:
  enum class Bytes : std::uint8_t { of_input, spooled };

  static core::Result<CanonicalInput> read_canonical(core::ByteSource& input, const core::ReadOptions& options);
  CanonicalInput(std::shared_ptr<core::ByteSource> source, Bytes bytes, core::Outline outline,
                 const core::ClassLayouts& classes);

  std::shared_ptr<core::ByteSource> source_;
  Bytes bytes_;
  std::shared_ptr<const core::Outline> outline_;
  const core::ClassLayouts* classes_;
  proto::SkippedEntries skipped_;
};

}  // namespace sconce::cli
