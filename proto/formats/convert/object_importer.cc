#include "proto/formats/convert/object_importer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/ascii.h"
#include "core/little_endian.h"
#include "core/outline/canonical_writer.h"
#include "core/torch7/event_writer.h"
#include "proto/formats/arrays/npy.h"
#include "proto/formats/arrays/safetensors.h"
#include "proto/formats/convert/foreign_file.h"
#include "proto/formats/json/json_reader.h"
#include "proto/formats/npz/npz.h"

namespace sconce::proto {

namespace {

using core::Status;

std::unique_ptr<ObjectReader> make_reader(ObjectFormat format, core::EventSink& sink, const core::ReadLimits& limits) {
  switch (format) {
    case ObjectFormat::json: return std::make_unique<JsonReader>(sink, limits);
    case ObjectFormat::npy: return std::make_unique<NpyReader>(sink);
    case ObjectFormat::safetensors:
      return std::make_unique<SafetensorsReader>(sink, SafetensorsLimits{.header_bytes_max = limits.header_bytes_max});
    case ObjectFormat::npz:
    case ObjectFormat::automatic:
    case ObjectFormat::binary:
    case ObjectFormat::ascii:
    case ObjectFormat::b32:
    case ObjectFormat::plain_json: return nullptr;
  }
  std::unreachable();
}

/// One way of taking input.
class Importer {
 public:
  virtual ~Importer() = default;
  virtual Status put(std::span<const std::byte> bytes) = 0;
  virtual Status finish() = 0;
  virtual core::CanonicalWriter& canonical() = 0;
  /// Null where nothing is ever left out.
  virtual const SkippedEntries* skipped() const { return nullptr; }
};

class TorchImporter final : public Importer {
 public:
  TorchImporter(core::Format format, core::ByteSink& out, const ImportRequest& request)
      : canonical_(format, out, request.read, request.outlining) {}
  Status put(std::span<const std::byte> bytes) override { return canonical_.put(bytes); }
  Status finish() override { return canonical_.finish(); }
  core::CanonicalWriter& canonical() override { return canonical_; }

 private:
  core::CanonicalWriter canonical_;
};

core::ReadOptions foreign_options(const core::ReadOptions& given) {
  return {.trailing = core::TrailingBytes::refuse,
          .limits = given.limits,
          .refuse_shifted = false,
          .classes = given.classes};
}

/// Canonical bytes that are made here are read before they go on. What is wrong with them is where the input is being
/// read.
class CheckedSink final : public core::ByteSink {
 public:
  CheckedSink(core::ByteSink& out, const core::ReadOptions& options, core::Outlining outlining)
      : canonical_(core::Format::binary, out, foreign_options(options), outlining) {}
  Status write(std::span<const std::byte> bytes) override {
    Status put = canonical_.put(bytes);
    if (!put) put.error().offset.reset();
    return put;
  }
  Status finish() {
    Status finished = canonical_.finish();
    if (!finished) finished.error().offset.reset();
    return finished;
  }
  core::CanonicalWriter& canonical() { return canonical_; }

 private:
  core::CanonicalWriter canonical_;
};

class ForeignImporter final : public Importer {
 public:
  ForeignImporter(ObjectFormat format, core::ByteSink& out, const ImportRequest& request)
      : checked_(out, request.read, request.outlining),
        writer_(core::Format::binary, checked_),
        reader_(make_reader(format, writer_, request.read.limits)) {}

  Status put(std::span<const std::byte> bytes) override { return reader_->put(bytes); }

  Status finish() override {
    Status finished = reader_->finish();
    if (finished) finished = writer_.finish();
    if (finished) finished = checked_.finish();
    if (!finished && !finished.error().offset) finished.error().offset = reader_->offset();
    return finished;
  }
  core::CanonicalWriter& canonical() override { return checked_.canonical(); }

 private:
  CheckedSink checked_;
  core::EventWriter writer_;
  std::unique_ptr<ObjectReader> reader_;
};

/// npz has the list of its parts at its end, so all of it is kept before it is read.
class NpzImporter final : public Importer {
 public:
  NpzImporter(const ImportRequest& request, core::ByteSink& out)
      : make_spool_(request.spool),
        elements_bytes_max_(request.elements_bytes_max),
        checked_(out, request.read, core::Outlining::on),
        writer_(core::Format::binary, checked_) {}

  Status put(std::span<const std::byte> bytes) override {
    if (spool_ == nullptr) {
      auto made = make_spool_();
      if (!made) return std::unexpected(std::move(made.error()));
      spool_ = std::move(*made);
    }
    return spool_->write(bytes);
  }

  Status finish() override {
    if (Status begun = put({}); !begun) return begun;
    Status read = read_npz(spool_->source(), writer_, elements_bytes_max_, &skipped_);
    if (read) read = writer_.finish();
    return read ? checked_.finish() : read;
  }
  core::CanonicalWriter& canonical() override { return checked_.canonical(); }
  const SkippedEntries* skipped() const override { return &skipped_; }

 private:
  const decltype(ImportRequest::spool) make_spool_;
  const std::uint64_t elements_bytes_max_;
  CheckedSink checked_;
  core::EventWriter writer_;
  std::unique_ptr<core::Spool> spool_;
  SkippedEntries skipped_;
};

std::unique_ptr<Importer> make_importer(ObjectFormat format, const ImportRequest& request, core::ByteSink& out) {
  if (const auto torch = torch_format_of(format)) return std::make_unique<TorchImporter>(*torch, out, request);
  if (format == ObjectFormat::npz) return std::make_unique<NpzImporter>(request, out);
  return std::make_unique<ForeignImporter>(format, out, request);
}

/// A number alone may be a line of other text, so it is not among them.
bool begins_as_json(std::string_view text) {
  static constexpr core::CharacterSet kBlanks(" \t\r\n");
  static constexpr auto kWord = core::CharacterSet::alphanumeric_and("");
  text.remove_prefix(kBlanks.end_of_run(text));
  if (text.substr(0, 2).contains('\0')) return false;  // UTF-16
  if (text.starts_with('{') || text.starts_with('"')) return true;
  const std::size_t end = kWord.end_of_run(text);
  if (end < text.size() && !kBlanks.contains(text[end])) return false;
  const std::string_view word = text.substr(0, end);
  return word == "null" || word == "true" || word == "false";
}

}  // namespace

std::optional<ObjectFormat> foreign_format_of(std::span<const std::byte> begin) {
  const std::string_view text(reinterpret_cast<const char*>(begin.data()), std::min(begin.size(), kForeignBeginBytes));
  if (text.starts_with(kNpyMagic)) return ObjectFormat::npy;
  const auto begins = [text](std::string_view zip) { return text.starts_with(zip); };
  if (std::ranges::any_of(kZipBegins, begins)) return ObjectFormat::npz;
  // A tag of Torch's is at most 8, and ascii begins with a digit.
  if (begins_as_json(text)) return ObjectFormat::json;
  constexpr std::size_t kLengthBytes = 8;
  if (text.size() <= kLengthBytes || text[kLengthBytes] != '{') return std::nullopt;
  const auto header_bytes = core::load_little_endian<std::uint64_t>(text.data());
  const bool is_safetensors = header_bytes > 8 && header_bytes <= SafetensorsLimits{}.header_bytes_max;
  return is_safetensors ? std::optional(ObjectFormat::safetensors) : std::nullopt;
}

namespace {

/// How many bytes a byte may become. What is densest in each:
std::optional<unsigned> growth_max(ObjectFormat format) {
  switch (format) {
    case ObjectFormat::npz: return std::nullopt;
    case ObjectFormat::binary:         // an instance without a version, which it gets: 13 become 20
    case ObjectFormat::b32: return 2;  // longs: 4 become 8
    case ObjectFormat::automatic:
    case ObjectFormat::ascii: return 4;         // `0 ` in a storage of longs: 2 become 8
    case ObjectFormat::npy: return 8;           // `1,` in a shape: 2 become a size and a stride, 16
    case ObjectFormat::safetensors: return 16;  // `.a` in a name: 2 become a table and its key, 21
    case ObjectFormat::json:
    case ObjectFormat::plain_json: return 8;  // `0,` in a storage of longs: 2 become 8; twice that
  }
  std::unreachable();
}

}  // namespace

std::optional<std::uint64_t> canonical_bytes_max(ObjectFormat format, std::span<const std::byte> body) {
  constexpr std::uint64_t kAroundBytes = 1024;  // what stands around a tensor that comes alone
  const bool is_told = format != ObjectFormat::automatic;
  const std::optional<unsigned> growth = growth_max(is_told ? format : foreign_format_of(body).value_or(format));
  if (!growth) return std::nullopt;
  return kAroundBytes + *growth * body.size();
}

class ObjectImporter::Impl {
 public:
  Impl(ImportRequest request, core::ByteSink& out) : request_(std::move(request)), out_(out) {}

  Status put(std::span<const std::byte> bytes) {
    if (intake_) return explained(intake_->put(bytes));
    if (begin_.empty() && bytes.size() >= kForeignBeginBytes) return begin_with(bytes);
    begin_.insert(begin_.end(), bytes.begin(), bytes.end());
    return begin_.size() < kForeignBeginBytes ? Status() : begin_held();
  }

  Status finish() {
    if (!intake_) {
      if (Status begun = begin_held(); !begun) return begun;
    }
    return explained(intake_->finish());
  }

  /// Null before the format is known.
  Importer* intake() const { return intake_.get(); }
  bool has_outline() const { return has_outline_; }

 private:
  bool is_named() const { return request_.format != ObjectFormat::automatic; }

  /// Of a format that was named, with what the input is instead, if that is known.
  Status explained(Status status) const {
    if (status || !is_named()) return status;
    return std::unexpected(with_file_kind(std::move(status.error()), request_.format, begin_));
  }

  Status begin_with(std::span<const std::byte> bytes) {
    const ObjectFormat format =
        is_named() ? request_.format : foreign_format_of(bytes).value_or(ObjectFormat::automatic);
    const auto begin = bytes.first(std::min(bytes.size(), kForeignBeginBytes));
    begin_.assign(begin.begin(), begin.end());
    intake_ = make_importer(format, request_, out_);
    has_outline_ = request_.outlining == core::Outlining::on || format == ObjectFormat::npz;
    return explained(intake_->put(bytes));
  }

  Status begin_held() {
    const std::vector<std::byte> held = std::exchange(begin_, {});
    return begin_with(held);
  }

  const ImportRequest request_;
  core::ByteSink& out_;
  std::vector<std::byte> begin_;  // of the input, until the format is known and for errors afterwards
  std::unique_ptr<Importer> intake_;
  bool has_outline_ = false;
};

ObjectImporter::ObjectImporter(const ImportRequest& request, core::ByteSink& out)
    : impl_(std::make_unique<Impl>(request, out)) {}
ObjectImporter::ObjectImporter(ObjectImporter&&) noexcept = default;
ObjectImporter::~ObjectImporter() = default;

Status ObjectImporter::put(std::span<const std::byte> bytes) { return impl_->put(bytes); }
Status ObjectImporter::finish() { return impl_->finish(); }
std::string_view ObjectImporter::root_kind() const {
  return impl_->intake() == nullptr ? std::string_view() : impl_->intake()->canonical().root_kind();
}
const core::UndeclaredClasses& ObjectImporter::undeclared() const { return impl_->intake()->canonical().undeclared(); }
SkippedEntries ObjectImporter::skipped() const {
  const SkippedEntries* const skipped = impl_->intake()->skipped();
  return skipped == nullptr ? SkippedEntries() : *skipped;
}
bool ObjectImporter::has_outline() const { return impl_->has_outline(); }
core::Outline ObjectImporter::take_outline() { return impl_->intake()->canonical().take_outline(); }

}  // namespace sconce::proto
