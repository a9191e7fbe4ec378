// A batch get as a tar.

#include <algorithm>
#include <utility>

#include "proto/formats/convert/canonical_output.h"
#include "server/api/batch/batch_items.h"
#include "server/api/batch/tar_writer.h"
#include "server/api/objects/object_headers.h"
#include "server/api/objects/representation_source.h"

namespace sconce::server::api {

namespace {

using storage::RevisionReader;

// Entries are gathered up to this, so that small ones do not each cost a write to the connection; the next ones while
// the last are sent. Waking a thread for each smaller piece costs more than beginning to send early gains.
constexpr std::size_t kGatheredBytes = kPieceBytesMax;
// About what one read brings.
constexpr std::size_t kReadBytes = 256 << 10;

// What is answered without a worker.
constexpr std::size_t kItemsInMemoryMax = 64;
constexpr std::uint64_t kBytesInMemoryMax = 768 << 10;

using Opened = std::vector<core::Result<std::unique_ptr<RevisionReader>>>;

/// Those whose items may be read, in order.
std::vector<std::string> keys_of(std::span<const BatchItem> items) {
  std::vector<std::string> keys;
  for (const BatchItem& item : items) {
    if (!item.refusal) keys.push_back(item.key);
  }
  return keys;
}

class TarSource final : public BodySource {
 public:
  /// `opened` may be some of the first items, at their places.
  TarSource(std::vector<BatchItem> items, const ApiContext& context, Opened opened = {})
      : items_(std::move(items)), context_(context), opened_(std::move(opened)) {
    for (std::string* buffer : {&buffer_, &sent_}) buffer->reserve(kGatheredBytes + kReadBytes);
  }

  /// Known once the first piece turns out to be all.
  std::optional<std::uint64_t> size_bytes() const override { return size_bytes_; }

  bool can_read_ahead() const override { return true; }
  bool takes_long() const override { return true; }
  std::uint64_t held_bytes() const override {
    std::uint64_t bytes = buffer_.size() + sent_.size() + request_->held_bytes();
    if (body_ != nullptr) bytes += body_->held_bytes();
    for (const auto& reader : opened_) bytes += reader && *reader != nullptr ? (*reader)->held_bytes() : 0;
    return bytes;
  }

  core::Result<std::span<const std::byte>> next() override {
    std::swap(buffer_, sent_);
    buffer_.clear();
    const bool is_first = next_ == 0;
    while (buffer_.size() < kGatheredBytes && !ended_) {
      if (core::Status advanced = advance(); !advanced) return std::unexpected(std::move(advanced.error()));
    }
    if (is_first && ended_) size_bytes_ = buffer_.size();
    return std::as_bytes(std::span(buffer_));
  }

 private:
  core::Status advance() {
    if (body_ != nullptr) return write_body();
    if (next_ == items_.size()) {
      ended_ = true;
      tar_.finish();
      return {};
    }
    if (next_ == opened_from_ + opened_.size()) open_next();
    begin_item(items_[next_], std::move(opened_[next_ - opened_from_]));
    next_ += 1;
    return {};
  }

  void open_next() {
    const auto items = std::span(items_).subspan(next_, std::min(kItemsAtOnce, items_.size() - next_));
    opened_ = context_.store.open_many(keys_of(items));
    for (std::size_t i = 0; i < items.size(); ++i) {  // each at its item's place
      if (items[i].refusal) opened_.insert(opened_.begin() + static_cast<std::ptrdiff_t>(i), nullptr);
    }
    opened_from_ = next_;
  }

  void begin_item(const BatchItem& item, core::Result<std::unique_ptr<RevisionReader>> opened) {
    if (item.refusal) return write_problem(item, *item.refusal);
    if (!opened) return write_problem(item, stored_problem(context_.log, kBatchGet, opened.error()));
    if (*opened == nullptr) return write_problem(item, missing_problem());
    const auto modified = (*opened)->meta().modified;
    request_->begin_item();
    auto body = sized_source(canonical_object(std::move(*opened), request_), item.plan, context_);
    if (!body) return write_problem(item, stored_problem(context_.log, kBatchGet, body.error()));
    tar_.begin("objects/" + item.name, *(*body)->size_bytes(), modified);
    body_ = std::move(*body);
  }

  core::Status write_body() {
    const auto piece = body_->next();
    if (!piece) return std::unexpected(piece.error());
    if (piece->empty()) body_.reset();
    else tar_.write(*piece);
    return {};
  }

  void write_problem(const BatchItem& item, const proto::Problem& problem) {
    const std::string json = proto::to_json(problem);
    tar_.begin("problems/" + item.name, json.size(), std::chrono::system_clock::now());
    tar_.write(std::as_bytes(std::span(json)));
  }

  const std::vector<BatchItem> items_;
  const ApiContext& context_;
  const std::shared_ptr<RequestObjects> request_ = std::make_shared<RequestObjects>(*context_.memory);
  std::string buffer_;
  std::string sent_;  // the piece before, which may still be on its way
  TarWriter tar_{buffer_};
  std::size_t next_ = 0;
  Opened opened_;  // the items from `opened_from_` on
  std::size_t opened_from_ = 0;
  std::unique_ptr<BodySource> body_;  // of the entry that is being written
  std::optional<std::uint64_t> size_bytes_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<BodySource> tar_source(std::vector<BatchItem> items, const ApiContext& context) {
  return std::make_unique<TarSource>(std::move(items), context);
}

std::unique_ptr<BodySource> tar_source_in_memory(std::vector<BatchItem> items, const ApiContext& context) {
  const auto is_verbatim = [](const BatchItem& item) {
    return item.plan.format == proto::ObjectFormat::binary && proto::is_whole(item.plan);
  };
  if (items.size() > kItemsInMemoryMax || !std::ranges::all_of(items, is_verbatim)) return nullptr;
  auto readers = context.store.open_many_in_memory(keys_of(items), kBytesInMemoryMax);
  if (!readers) return nullptr;
  Opened opened;
  auto next = readers->begin();
  for (const BatchItem& item : items) opened.emplace_back(item.refusal ? nullptr : std::move(*next++));
  return std::make_unique<TarSource>(std::move(items), context, std::move(opened));
}

}  // namespace sconce::server::api
