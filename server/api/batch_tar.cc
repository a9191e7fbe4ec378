// A batch get as a tar.

#include <algorithm>
#include <utility>

#include "server/api/batch_items.h"
#include "server/api/object_headers.h"
#include "server/api/representation_source.h"
#include "server/api/tar_writer.h"

namespace sconce::server::api {

namespace {

using storage::RevisionReader;

// Items that are looked up at once. Their small objects are in memory until they are written: at most 8 MiB.
constexpr std::size_t kItemsAtOnce = 32;
// Entries are gathered up to this, so that small ones do not each cost a write to the connection; the next ones while
// the last are sent. Waking a thread for each smaller piece costs more than beginning to send early gains.
constexpr std::size_t kGatheredBytes = kPieceBytesMax;
// About what one read brings.
constexpr std::size_t kReadBytes = 256 << 10;

class TarSource final : public BodySource {
 public:
  TarSource(std::vector<BatchItem> items, const ApiContext& context) : items_(std::move(items)), context_(context) {
    for (std::string* buffer : {&buffer_, &sent_}) buffer->reserve(kGatheredBytes + kReadBytes);
  }

  /// Known once the first piece turns out to be all.
  std::optional<std::uint64_t> size_bytes() const override { return size_bytes_; }

  bool can_read_ahead() const override { return true; }
  bool takes_long() const override { return true; }

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
    if (next_ >= opened_to_) open_next();
    begin_item(items_[next_], std::move(opened_[next_ % kItemsAtOnce]));
    next_ += 1;
    return {};
  }

  void open_next() {
    const std::size_t count = std::min(kItemsAtOnce, items_.size() - next_);
    std::vector<std::string> keys;
    for (std::size_t i = next_; i < next_ + count; ++i) {
      if (!items_[i].refusal) keys.push_back(items_[i].key);
    }
    opened_ = context_.store.open_many(keys);
    for (std::size_t i = 0; i < count; ++i) {  // each at its item's place
      if (items_[next_ + i].refusal) opened_.insert(opened_.begin() + static_cast<std::ptrdiff_t>(i), nullptr);
    }
    opened_to_ = next_ + count;
  }

  void begin_item(const BatchItem& item, core::Result<std::unique_ptr<RevisionReader>> opened) {
    if (item.refusal) return write_problem(item, *item.refusal);
    if (!opened) return write_problem(item, stored_problem(context_.log, kBatchGet, opened.error()));
    if (*opened == nullptr) return write_problem(item, missing_problem());
    const auto modified = (*opened)->meta().modified;
    auto body = sized_source(canonical_object(std::move(*opened)), item.plan, context_);
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
  std::string buffer_;
  std::string sent_;  // the piece before, which may still be on its way
  TarWriter tar_{buffer_};
  std::size_t next_ = 0;
  std::size_t opened_to_ = 0;
  std::vector<core::Result<std::unique_ptr<RevisionReader>>> opened_;
  std::unique_ptr<BodySource> body_;  // of the entry that is being written
  std::optional<std::uint64_t> size_bytes_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<BodySource> tar_source(std::vector<BatchItem> items, const ApiContext& context) {
  return std::make_unique<TarSource>(std::move(items), context);
}

}  // namespace sconce::server::api
