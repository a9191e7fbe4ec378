// What is done on the threads of the connections: nothing that takes long, however small the request is.

#include <gtest/gtest.h>
#include <unistd.h>

#include <latch>
#include <mutex>
#include <set>
#include <string>

#include "tests/hostile/zip.h"
#include "tests/http/forwarding_store.h"
#include "tests/http/local_server.h"
#include "tests/server/http_client.h"
#include "tests/support/tar.h"

namespace sconce::tests {
namespace {

using namespace server;

/// Remembers which threads wrote into uploads, and which one looks for what is in memory: the connections'.
class WatchedStore final : public ForwardingStore {
 public:
  std::optional<std::unique_ptr<storage::RevisionReader>> open_in_memory(const std::string& key) override {
    io_thread_ = gettid();
    return ForwardingStore::open_in_memory(key);
  }
  storage::Result<std::unique_ptr<storage::Upload>> begin_upload(std::optional<std::uint64_t> size_hint) override {
    auto upload = ForwardingStore::begin_upload(size_hint);
    if (!upload) return upload;
    return std::make_unique<Watched>(*this, std::move(*upload));
  }
  void begin_commit(std::vector<storage::Write> writes, Committed committed) override {
    for (storage::Write& write : writes) {
      auto& put = std::get<storage::Put>(write.what);
      put.upload = static_cast<Watched&>(*put.upload).take();
    }
    ForwardingStore::begin_commit(std::move(writes), std::move(committed));
  }

  pid_t io_thread() const { return io_thread_; }
  /// Those since the last call.
  std::set<pid_t> writers() {
    const std::lock_guard lock(mutex_);
    return std::exchange(writers_, {});
  }

 private:
  class Watched final : public storage::Upload {
   public:
    Watched(WatchedStore& store, std::unique_ptr<storage::Upload> upload) : store_(store), upload_(std::move(upload)) {}
    storage::Status write(std::span<const std::byte> bytes) override {
      const std::lock_guard lock(store_.mutex_);
      store_.writers_.insert(gettid());
      return upload_->write(bytes);
    }
    storage::Status spool() override { return upload_->spool(); }
    void describe(std::string description) override { upload_->describe(std::move(description)); }
    std::unique_ptr<storage::Upload> take() { return std::move(upload_); }

   private:
    WatchedStore& store_;
    std::unique_ptr<storage::Upload> upload_;
  };

  std::mutex mutex_;
  std::set<pid_t> writers_;
  std::atomic<pid_t> io_thread_ = 0;
};

/// Source: RFC 1952, section 8.
std::uint32_t checksum(std::string_view bytes) {
  std::uint32_t sum = 0xffffffff;
  for (const char byte : bytes) {
    sum ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) sum = sum >> 1U ^ (sum & 1U ? 0xedb88320 : 0);
  }
  return ~sum;
}

/// So many zeros, in a hundredth of the bytes.
std::string npz_of_zeros(std::size_t count) {
  const std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (" + std::to_string(count) + ",), }\n";
  const std::string npy =
      std::string("\x93NUMPY\1\0", 8) + ZipWriter::u16(static_cast<std::uint16_t>(header.size())) + header;
  ZipWriter zip;
  zip.add({.name = "a.npy",
           .bytes = deflated_zeros(npy, count),
           .method = ZipEntry::kDeflated,
           .checksum = checksum(npy + std::string(count, '\0')),
           .size_bytes = npy.size() + count});
  return zip.finish();
}

class IoThread : public testing::Test {
 protected:
  IoThread() { http(server_.port(), {.target = "/v1/objects/none"}); }

  void put(const std::string& target, const std::string& body, const std::vector<std::string>& fields = {}) {
    const HttpRequest request{.method = "PUT", .target = "/v1/objects/" + target, .fields = fields, .body = body};
    const HttpResponse answer = http(server_.port(), request);
    EXPECT_TRUE(answer.status == 200 || answer.status == 201) << answer.status << answer.body;
  }

  WatchedStore store_;
  LocalServer server_{store_};
};

TEST_F(IoThread, WritesWhatIsSmallAndStaysSo) {
  const std::string longs = "4\n1\n3\nV 1\n17\ntorch.LongStorage\n3\n1 2 3\n";
  for (const std::string& body : {std::string("1\n3.5\n"), longs, std::string(R"({"number":"inf"})")}) {
    put("a", body);
    EXPECT_EQ(store_.writers(), std::set<pid_t>{store_.io_thread()}) << body;
  }
}

TEST_F(IoThread, InflatesNothing) {
  const std::string npz = npz_of_zeros(1'000'000);
  ASSERT_LT(npz.size(), 16'384U);
  const std::string tar = tar_entry("a", npz) + tar_end();
  ASSERT_LT(tar.size(), 16'384U);
  struct Row {
    std::string name;
    std::string target;
    std::string body;
    std::vector<std::string> fields;
  };
  const std::vector<Row> rows = {{"detected", "a", npz, {}},
                                 {"by its type", "a", npz, {"Content-Type: application/X-NPZ"}},
                                 {"by the query", "a?format=npz", npz, {}},
                                 {"by the query, encoded", "a?format=%6e%70z", npz, {}},
                                 {"with a digest to check", "a", npz, {"Content-Digest: md5=:AAAA:"}}};
  for (const Row& row : rows) {
    const HttpRequest request{
        .method = "PUT", .target = "/v1/objects/" + row.target, .fields = row.fields, .body = row.body};
    http(server_.port(), request);
    const std::set<pid_t> writers = store_.writers();
    EXPECT_FALSE(writers.contains(store_.io_thread())) << row.name;
    EXPECT_EQ(writers.size(), 1U) << row.name << ": it was not read";
  }
  put("whole", npz);
  EXPECT_EQ(http(server_.port(), {.method = "POST", .target = "/v1/batch/commit", .body = tar}).status, 200U);
  EXPECT_FALSE(store_.writers().contains(store_.io_thread()));
  EXPECT_EQ(http(server_.port(), {.target = "/v1/objects/whole?path=a&format=npy"}).body.size(), 1'000'128U);
}

TEST_F(IoThread, MakesNothingLargeOfSmallNames) {
  std::string nested;
  for (int i = 0; i < 7'000; ++i) nested += "a.";
  const std::string header = "{\"" + nested + R"(a":{"dtype":"U8","shape":[],"data_offsets":[0,1]}})";
  put("a", ZipWriter::u64(header.size()) + header + 'x');
  EXPECT_FALSE(store_.writers().contains(store_.io_thread()));
}

/// Holds all that list, and so the one thread for reads, until it is let go.
class StandingStore final : public ForwardingStore {
 public:
  storage::Result<storage::Listing> list(const storage::ListQuery& query) override {
    entered.count_down();
    go_on.wait();
    return ForwardingStore::list(query);
  }
  std::latch entered{1};
  std::latch go_on{1};
};

TEST(IoThreadAlone, TellsWhetherTheServerIsHealthy) {
  StandingStore store;
  LocalServer server(store);
  HttpConnection listing(server.port());
  listing.send(text_of({.target = "/v1/objects"}));
  store.entered.wait();
  EXPECT_EQ(http(server.port(), {.target = "/metrics"}).status, 503U) << "the request that may wait is the listing's";
  EXPECT_EQ(http(server.port(), {.target = "/healthz"}).body, "ok\n");
  EXPECT_EQ(http(server.port(), {.method = "HEAD", .target = "/readyz"}).status, 200U);
  store.go_on.count_down();
  EXPECT_EQ(listing.receive().status, 200U);
}

}  // namespace
}  // namespace sconce::tests
