#include "core/graph/serialize.h"

#include <utility>

#include "core/bytes/byte_sink.h"
#include "core/files/mapped_file.h"
#include "core/files/saved_file.h"
#include "core/graph/object_walker.h"
#include "core/torch7/event_writer.h"
#include "core/torch7/sniff.h"

namespace sconce::core {
namespace {

Status write_object(const Value& object, Format format, bool referenced, ByteSink& out) {
  if (format == Format::automatic) return fail(ErrorCode::invalid_argument, "a format must be named for writing");
  EventWriter writer(format, out);
  const WalkOptions options{.referenced = referenced};
  if (Status walked = walk(object, writer, options); !walked) return walked;
  return writer.finish();
}

}  // namespace

Status save(const std::filesystem::path& path, const Value& object, Format format, bool referenced) {
  Result<SavedFile> file = SavedFile::open(path);
  if (!file) return std::unexpected(std::move(file.error()));
  if (Status written = write_object(object, format, referenced, *file); !written) return written;
  return file->commit();
}

Result<std::string> serialize(const Value& object, Format format, bool referenced) {
  std::string bytes;
  if (format != Format::ascii) {
    // Counting a binary object touches no element, and then the string is allocated once.
    CountingSink counter;
    if (Status counted = write_object(object, format, referenced, counter); !counted) {
      return std::unexpected(std::move(counted.error()));
    }
    bytes.reserve(counter.size_bytes());
  }
  StringSink out(bytes);
  if (Status written = write_object(object, format, referenced, out); !written) {
    return std::unexpected(std::move(written.error()));
  }
  return bytes;
}

Result<Deserialized> deserialize(std::span<const std::byte> bytes, const DeserializeOptions& options) {
  Format format = options.format;
  ReadOptions read = options.read;
  read.input_bytes = bytes.size();
  if (format == Format::automatic) {
    const Result<Format> sniffed = sniff(bytes, read);
    if (!sniffed) return std::unexpected(sniffed.error());
    format = *sniffed;
  }
  // Converted elements live in the reader only for a moment, so they cannot be viewed.
  const bool in_place = format != Format::ascii && format != Format::b32 && read.byte_order == ByteOrder::little;
  ObjectBuilder builder(in_place ? options.elements : Elements::copy);
  EventReader reader(format, builder, read);
  const Result<std::size_t> used = reader.put_last(bytes);
  if (!used) return std::unexpected(used.error());
  return Deserialized{.object = builder.take(), .used_bytes = *used, .format = format};
}

Result<Object> deserialize(std::span<const std::byte> bytes, Format format) {
  const DeserializeOptions options{.format = format};
  Result<Deserialized> read = deserialize(bytes, options);
  if (!read) return std::unexpected(std::move(read.error()));
  return std::move(read->object);
}

Result<Object> deserialize(std::string_view bytes, Format format) {
  return deserialize(std::as_bytes(std::span(bytes)), format);
}

Result<Object> load(const std::filesystem::path& path, Format format, bool referenced) {
  Result<std::shared_ptr<const MappedFile>> file = MappedFile::open(path);
  if (!file) return std::unexpected(std::move(file.error()));
  DeserializeOptions options{.format = format, .elements = Elements::view};
  options.read.referenced = referenced;
  Result<Deserialized> read = deserialize((*file)->bytes(), options);
  if (!read) return std::unexpected(std::move(read.error()));
  read->object.keep(*file);
  return std::move(read->object);
}

}  // namespace sconce::core
