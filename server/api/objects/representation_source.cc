#include "server/api/objects/representation_source.h"

#include <algorithm>
#include <utility>

#include "proto/formats/convert/canonical_output.h"
#include "server/api/objects/made_bytes.h"

namespace sconce::server::api {

namespace {

using core::Result;
using core::Status;
using proto::ObjectFormat;
using proto::ObjectOutput;
using proto::OutputPlan;

constexpr std::size_t kAtOnceBytesMax = 1 << 20;
// What a part may have beside its stored bytes, such as the storage of a tensor that it shares.
constexpr std::size_t kSpareBytes = 256;
// So small an object is opened each time that it is asked for, which costs less than remembering it.
constexpr std::uint64_t kReopenedBytesMax = 4096;
// An outline of fewer parts is made as fast as it is found.
constexpr std::size_t kCachedPartsMin = 64;
// Bytes that are made, and cost a step of the budget.
constexpr std::uint64_t kMadeOfAStep = 16;

/// `out` is borrowed.
Result<std::unique_ptr<ObjectOutput>> begin_output(const CanonicalObject& object, const OutputPlan& plan,
                                                   core::ByteSink& out, const ApiContext& context) {
  const proto::CanonicalBytes bytes{.source = object.bytes, .open_parts = [&] { return open_parts(object, context); }};
  return proto::begin_canonical_output(bytes, plan, context.classes, out, limits_of(context));
}

/// Writes as the bytes are asked for.
class OutputSource final : public BodySource {
 public:
  explicit OutputSource(const CanonicalObject& object)
      : bytes_(object.bytes), made_(object.request->budget()->pool()) {}

  Status begin(const CanonicalObject& object, const OutputPlan& plan, const ApiContext& context) {
    auto output = begin_output(object, plan, made_, context);
    if (!output) return std::unexpected(std::move(output.error()));
    output_ = std::move(*output);
    made_.expect(output_->size_hint_bytes() + kSpareBytes);
    return {};
  }

  /// Writes until that many bytes have been made, or all.
  Status fill(std::size_t bytes) {
    while (made_.size_bytes() < bytes && !done()) {
      if (Status advanced = output_->advance(); !advanced) return advanced;
    }
    return {};
  }
  bool done() const { return output_->done(); }
  MadeBytes take() { return std::move(made_); }
  std::uint64_t made_bytes() const { return made_.size_bytes(); }
  void set_size_bytes(std::uint64_t size_bytes) { size_bytes_ = size_bytes; }

  std::optional<std::uint64_t> size_bytes() const override { return size_bytes_ ? size_bytes_ : output_->size_bytes(); }
  std::uint64_t held_bytes() const override { return made_.undrawn_bytes() + bytes_->held_bytes(); }
  bool takes_long() const override { return true; }

  Result<std::span<const std::byte>> next() override {
    if (sent_ == made_.size_bytes()) {
      made_.clear();
      sent_ = 0;
      if (Status filled = fill(1); !filled) return std::unexpected(std::move(filled.error()));
    }
    const auto piece = made_.from(sent_);
    sent_ += piece.size();
    return piece;
  }

 private:
  const std::shared_ptr<core::ByteSource> bytes_;
  MadeBytes made_;
  std::uint64_t sent_ = 0;  // of what was made
  std::unique_ptr<ObjectOutput> output_;
  std::optional<std::uint64_t> size_bytes_;
};

/// Hands on the bytes of an output without a copy.
class LentSource final : public BodySource {
 public:
  LentSource(CanonicalObject object, OutputPlan plan, const ApiContext& context)
      : object_(std::move(object)), plan_(std::move(plan)), context_(context) {}

  Status begin() {
    auto output = begin_output(object_, plan_, piece_, context_);
    if (!output) return std::unexpected(std::move(output.error()));
    output_ = std::move(*output);
    return {};
  }

  bool is_zero_copy() const { return output_->is_zero_copy(); }

  std::optional<std::uint64_t> size_bytes() const override { return output_->size_bytes(); }
  std::uint64_t held_bytes() const override { return object_.bytes->held_bytes(); }
  bool is_in_memory() const override { return true; }

  Result<std::span<const std::byte>> next() override {
    while (!output_->done()) {
      piece_.bytes = {};
      if (Status advanced = output_->advance(); !advanced) return std::unexpected(std::move(advanced.error()));
      const std::size_t skipped = std::min<std::uint64_t>(to_skip_, piece_.bytes.size());
      to_skip_ -= skipped;
      if (skipped < piece_.bytes.size()) return piece_.bytes.subspan(skipped);
    }
    return std::span<const std::byte>();
  }

  /// As of what is made at once.
  bool can_seek() const override { return output_->size_bytes().value_or(UINT64_MAX) <= kAtOnceBytesMax; }
  Status seek(std::uint64_t offset) override {
    to_skip_ = offset;
    return begin();
  }

 private:
  struct Piece final : core::ByteSink {
    Status write(std::span<const std::byte> written) override {
      bytes = written;
      return {};
    }
    std::span<const std::byte> bytes;
  };

  const CanonicalObject object_;
  const OutputPlan plan_;
  const ApiContext& context_;
  Piece piece_;
  std::unique_ptr<ObjectOutput> output_;
  std::uint64_t to_skip_ = 0;
};

/// The canonical bytes themselves.
class CanonicalSource final : public BodySource {
 public:
  CanonicalSource(std::shared_ptr<core::ByteSource> bytes, bool is_in_memory)
      : bytes_(std::move(bytes)), size_bytes_(bytes_->size_bytes()), is_in_memory_(is_in_memory) {}
  std::optional<std::uint64_t> size_bytes() const override { return size_bytes_; }
  Result<std::span<const std::byte>> next() override {
    const std::size_t size = std::min<std::uint64_t>(kPieceBytesMax, size_bytes_ - done_);
    auto piece = bytes_->read(done_, size);
    if (piece) done_ += piece->size();
    return piece;
  }
  std::uint64_t held_bytes() const override { return bytes_->held_bytes(); }
  bool is_in_memory() const override { return is_in_memory_; }
  bool can_seek() const override { return true; }
  Status seek(std::uint64_t offset) override {
    done_ = offset;
    return {};
  }

 private:
  const std::shared_ptr<core::ByteSource> bytes_;
  const std::uint64_t size_bytes_;
  const bool is_in_memory_;
  std::uint64_t done_ = 0;
};

/// The outline that was kept of an object; null if there is none, or one of an older version. Errors: corrupt.
Result<std::shared_ptr<const core::Outline>> kept_outline(storage::RevisionReader& stored) {
  const Result<std::string> description = stored.description();
  if (!description) return std::unexpected(description.error());
  if (!core::is_current_outline(*description)) return nullptr;
  Result<core::Outline> decoded = core::decode_outline(*description);
  if (!decoded) return std::unexpected(std::move(decoded.error()));
  return std::make_shared<const core::Outline>(std::move(*decoded));
}

/// The outline of an object: from the cache, as it was kept, or made. Of what is in memory it is made: reading the one
/// that is kept might block.
Result<std::shared_ptr<const core::Outline>> outline_of(storage::RevisionReader& stored, const ApiContext& context,
                                                        core::Budget& budget) {
  const storage::Revision& revision = stored.meta().revision;
  if (auto known = context.outlines.find(revision)) return known;
  std::shared_ptr<const core::Outline> outline;
  if (!stored.is_in_memory()) {
    auto kept = kept_outline(stored);
    if (!kept) return kept;
    outline = std::move(*kept);
  }
  if (outline == nullptr) {
    Result<core::Outline> scanned = core::scan_outline(stored, context.classes, budget);
    if (!scanned) return std::unexpected(std::move(scanned.error()));
    outline = std::make_shared<const core::Outline>(std::move(*scanned));
    if (outline->parts.size() < kCachedPartsMin) return outline;
  }
  context.outlines.keep(revision, outline);
  return outline;
}

/// How large it becomes. Errors: what cannot be said.
Result<std::uint64_t> count_bytes(const CanonicalObject& object, const OutputPlan& plan, const ApiContext& context) {
  core::CountingSink count;
  const auto output = begin_output(object, plan, count, context);
  if (!output) return std::unexpected(output.error());
  core::Budget& budget = *object.request->budget();
  while (!(*output)->done()) {
    const std::uint64_t before = count.size_bytes();
    if (Status advanced = (*output)->advance(); !advanced) return std::unexpected(std::move(advanced.error()));
    if (Status spent = budget.spend(1 + (count.size_bytes() - before) / kMadeOfAStep); !spent) {
      return std::unexpected(std::move(spent.error()));
    }
  }
  return count.size_bytes();
}

/// What is made may be in vain, if an error comes after it.
Status fill_at_once(OutputSource& source, core::Budget& budget) {
  if (Status spent = budget.spend(1); !spent) return spent;
  Status filled = source.fill(kAtOnceBytesMax + 1);
  Status spent = budget.spend(1 + source.made_bytes() / kMadeOfAStep);
  return filled ? spent : filled;
}

Result<std::unique_ptr<BodySource>> make_source(const CanonicalObject& object, const OutputPlan& plan,
                                                const ApiContext& context, bool sized) {
  const bool is_in_memory = object.stored != nullptr && object.stored->is_in_memory();
  if (is_whole(plan) && plan.format == ObjectFormat::binary) {
    return std::make_unique<CanonicalSource>(object.bytes, is_in_memory);
  }
  if (is_in_memory) {
    auto lent = std::make_unique<LentSource>(object, plan, context);
    if (Status begun = lent->begin(); !begun) return std::unexpected(std::move(begun.error()));
    if (lent->is_zero_copy()) return lent;
  }
  auto source = std::make_unique<OutputSource>(object);
  Status filled = source->begin(object, plan, context);
  if (filled) filled = fill_at_once(*source, *object.request->budget());
  if (!filled) return std::unexpected(std::move(filled.error()));
  if (source->done()) return source_of(source->take());
  if (sized && !source->size_bytes()) {
    const Result<std::uint64_t> size_bytes = count_bytes(object, plan, context);
    if (!size_bytes) return std::unexpected(size_bytes.error());
    source->set_size_bytes(*size_bytes);
  }
  return source;
}

}  // namespace

CanonicalObject canonical_object(std::shared_ptr<storage::RevisionReader> reader,
                                 std::shared_ptr<RequestObjects> request) {
  storage::RevisionReader* const stored = reader.get();
  return {.bytes = std::move(reader), .stored = stored, .request = std::move(request)};
}

Result<std::shared_ptr<core::ObjectParts>> open_parts(const CanonicalObject& object, const ApiContext& context) {
  RequestObjects& request = *object.request;
  const core::ObjectParts::Options options{
      .classes = &context.classes, .renumbered_bytes_max = context.held_bytes_max, .budget = request.budget()};
  if (object.stored == nullptr || object.bytes->size_bytes() <= kReopenedBytesMax) {
    request.budget()->allow_for(object.bytes->size_bytes());
    return core::ObjectParts::open(object.bytes, object.outline, options);
  }
  const storage::Revision& revision = object.stored->meta().revision;
  if (auto opened = request.find(revision)) return opened;
  request.allow_for(revision, object.bytes->size_bytes());
  auto outline = outline_of(*object.stored, context, *request.budget());
  if (!outline) return std::unexpected(std::move(outline.error()));
  auto opened = core::ObjectParts::open(object.bytes, std::move(*outline), options);
  if (!opened) return std::unexpected(std::move(opened.error()));
  std::shared_ptr<core::ObjectParts> parts = std::move(*opened);
  request.keep(revision, parts);
  return parts;
}

std::unique_ptr<BodySource> stored_source(std::shared_ptr<storage::RevisionReader> reader) {
  const bool is_in_memory = reader->is_in_memory();
  return std::make_unique<CanonicalSource>(std::move(reader), is_in_memory);
}

bool is_zero_copy(const CanonicalObject& object, const OutputPlan& plan, const ApiContext& context) {
  core::CountingSink nowhere;
  ApiContext without_work = context;
  without_work.held_bytes_max = 0;  // what would have to be numbered anew
  const auto output = begin_output(object, plan, nowhere, without_work);
  return output && (*output)->is_zero_copy();
}

Result<std::unique_ptr<BodySource>> representation_source(const CanonicalObject& object, const OutputPlan& plan,
                                                          const ApiContext& context) {
  // b32 cannot say every object, which has to be known before the first byte is sent.
  return make_source(object, plan, context, plan.format == ObjectFormat::b32);
}

Result<std::unique_ptr<BodySource>> sized_source(const CanonicalObject& object, const OutputPlan& plan,
                                                 const ApiContext& context) {
  return make_source(object, plan, context, true);
}

}  // namespace sconce::server::api
