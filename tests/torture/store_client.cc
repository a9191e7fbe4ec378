#include "tests/torture/store_client.h"

#include <algorithm>
#include <utility>

#include "tests/torture/content.h"

namespace sconce::tests {

namespace {

using namespace server::storage;
using Outcome = Operation::Outcome;

std::string text_of(const Revision& revision) { return {revision.bytes.begin(), revision.bytes.end()}; }

Condition condition_of(const Guard& guard) {
  switch (guard.kind) {
    case Guard::Kind::none: return {};
    case Guard::Kind::absent: return {.kind = Condition::Kind::absent};
    case Guard::Kind::version: break;
  }
  Revision revision;
  std::copy_n(guard.version.begin(), revision.bytes.size(), revision.bytes.begin());
  return {.kind = Condition::Kind::revision_is_one_of, .revisions = {revision}};
}

class StoreTortureClient final : public Client {
 public:
  StoreTortureClient(Store& store, const std::atomic<bool>& struck, ReadsWhileStruck reads)
      : store_(store), struck_(struck), reads_(reads) {}

  Reply read(const std::string& key) override { return of_what_was_seen(read_now(key)); }

  Reply write(const std::string& key, const std::string& object, const Guard& guard) override {
    std::vector<Write> writes;
    if (auto added = add(writes, key, object, false); !added) return failed(added.error());
    writes[0].condition = condition_of(guard);
    return commit(std::move(writes));
  }

  Reply remove(const std::string& key) override {
    std::vector<Write> writes(1);
    writes[0] = {.key = key, .condition = {.kind = Condition::Kind::exists}, .what = Delete{}};
    return commit(std::move(writes));
  }

  Reply write_all(std::span<const std::string> keys, std::span<const std::string> objects) override {
    std::vector<Write> writes;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (auto added = add(writes, keys[i], objects[i], true); !added) return failed(added.error());
    }
    return commit(std::move(writes));
  }

 private:
  Reply read_now(const std::string& key) {
    const auto reader = store_.open(key);
    if (!reader) return failed(reader.error());
    if (*reader == nullptr) return {.outcome = Outcome::applied};
    std::string object;
    while (object.size() < (*reader)->meta().size_bytes) {
      const auto bytes = (*reader)->read(object.size(), (*reader)->meta().size_bytes - object.size());
      if (!bytes) return failed(bytes.error());
      object.append(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    }
    const auto value = value_of(object);
    if (!value) return {.fault = "reading " + key + " gave bytes that nobody wrote"};
    return {.outcome = Outcome::applied, .value = *value, .version = text_of((*reader)->meta().revision)};
  }

  Status add(std::vector<Write>& writes, const std::string& key, const std::string& object, bool spooled) {
    auto upload = store_.begin_upload(object.size());
    if (!upload) return std::unexpected(upload.error());
    if (Status written = (*upload)->write(std::as_bytes(std::span(object))); !written) return written;
    if (spooled) {
      if (Status done = (*upload)->spool(); !done) return done;
    }
    writes.push_back({.key = key, .condition = {}, .what = Put{std::move(*upload)}});
    return {};
  }

  Reply commit(std::vector<Write> writes) {
    const auto outcome = store_.commit(std::move(writes));
    if (!outcome) return failed(outcome.error());
    if (!outcome->applied) return of_what_was_seen({.outcome = Outcome::refused});
    const auto& after = outcome->after[0];
    return {.outcome = Outcome::applied, .version = after ? text_of(after->revision) : ""};
  }

  Reply of_what_was_seen(Reply reply) const {
    const bool is_lost = struck_ && reads_ == ReadsWhileStruck::reach_nobody && reply.fault.empty();
    return is_lost ? Reply{} : std::move(reply);
  }

  Reply failed(const core::Error& error) const {
    if (struck_) return {};
    return {.fault = "the store failed: " + to_string(error)};
  }

  Store& store_;
  const std::atomic<bool>& struck_;
  const ReadsWhileStruck reads_;
};

}  // namespace

std::unique_ptr<Client> make_store_client(Store& store, const std::atomic<bool>& struck, ReadsWhileStruck reads) {
  return std::make_unique<StoreTortureClient>(store, struck, reads);
}

}  // namespace sconce::tests
