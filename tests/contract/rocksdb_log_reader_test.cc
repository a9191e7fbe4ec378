// The framing of logs, the records of manifests, and seals: cut at every byte, damaged at every byte.

#include "server/storage/rocksdb/log/log_reader.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "server/storage/rocksdb/log/crc32c.h"
#include "server/storage/rocksdb/log/log_seal.h"
#include "server/storage/rocksdb/log/manifest.h"
#include "server/storage/rocksdb/log/proven_file.h"
#include "tests/contract/store_fixture.h"

namespace sconce::tests {
namespace {

using namespace server::storage;
using Kind = LogReader::Kind;

/// A file in memory.
class TextFile final : public rocksdb::FSSequentialFile {
 public:
  explicit TextFile(std::string text) : text_(std::move(text)) {}
  rocksdb::IOStatus Read(std::size_t size, const rocksdb::IOOptions&, rocksdb::Slice* bytes, char* scratch,
                         rocksdb::IODebugContext*) override {
    // A disk may give less than was asked for.
    const std::size_t given = text_.copy(scratch, std::min<std::size_t>(size, 5'000), at_);
    at_ += given;
    *bytes = {scratch, given};
    return rocksdb::IOStatus::OK();
  }
  rocksdb::IOStatus Skip(std::uint64_t size) override {
    at_ += size;
    return rocksdb::IOStatus::OK();
  }

 private:
  const std::string text_;
  std::size_t at_ = 0;
};

/// Records and holes, one a line: `0-9 abc`, `hole 9-12`, `cut 9-12`.
std::string pieces_of(const std::string& log, std::size_t shown_bytes = 3) {
  const auto in_order = [](std::string_view, std::uint64_t, LogReader::Found found) {
    return found == LogReader::Found::in_order;
  };
  LogReader reader(std::make_unique<TextFile>(log), "log", in_order);
  std::string pieces;
  while (true) {
    const auto piece = reader.next();
    if (!piece) return pieces + piece.error().what;
    if (!*piece) return pieces;
    if ((*piece)->kind == Kind::hole) pieces += (*piece)->is_cut_short ? "cut " : "hole ";
    pieces += std::to_string((*piece)->begin) + '-' + std::to_string((*piece)->end);
    if ((*piece)->kind == Kind::record) pieces += ' ' + std::string((*piece)->record.substr(0, shown_bytes));
    pieces += '\n';
  }
}

std::string file_text(std::unique_ptr<rocksdb::FSSequentialFile> file) {
  std::string text;
  std::string buffer(10'000, '\0');
  rocksdb::Slice bytes;
  while (file->Read(buffer.size(), {}, &bytes, buffer.data(), nullptr).ok() && !bytes.empty()) text += bytes.ToString();
  return text;
}

/// A log of these records, as the store frames them.
std::string log_of(const std::vector<std::string>& records) {
  return file_text(first_bytes(std::make_unique<TextFile>(""), 0, records));
}

TEST(Crc32c, IsTheOneOfTheRfc) {
  const auto crc_of = [](std::string_view text) { return crc32c(std::as_bytes(std::span(text))); };
  EXPECT_EQ(crc_of("123456789"), 0xe3069283U);
  EXPECT_EQ(crc_of(std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(crc_of(std::string(32, '\xff')), 0x62a8ab43U);
  EXPECT_EQ(crc_of(""), 0U);
}

TEST(LogReader, ReadsWhatWasFramed) {
  const std::string long_record = "xyz" + numbered_bytes(70'000);
  const std::string log = log_of({"abc", long_record, "def"});
  const std::uint64_t end = 10 + 7 * 3 + 70'003;  // three fragments
  EXPECT_EQ(pieces_of(log), "0-10 abc\n10-" + std::to_string(end) + " xyz\n" + std::to_string(end) + '-' +
                                std::to_string(end + 10) + " def\n");
}

/// A rest of a block that holds no header is skipped, as long as something follows.
TEST(LogReader, PassesOverTheRestOfABlock) {
  for (std::size_t rest = 0; rest < 7; ++rest) {
    const std::size_t first_bytes = 32'768 - 7 - rest;
    const std::string log = log_of({std::string(first_bytes, 'a'), "bcd"});
    EXPECT_EQ(pieces_of(log), "0-" + std::to_string(32'768 - rest) + " aaa\n32768-32778 bcd\n") << rest;
  }
}

TEST(LogReader, ALogThatIsCutAnywhereEndsBehindItsLastWholeRecord) {
  const std::string log = log_of({"abc", "x" + numbered_bytes(40'000), "def"});
  const std::uint64_t second_end = log.size() - 10;
  for (std::size_t size = 0; size <= log.size(); size += size > 40 && size + 60 < log.size() ? 47 : 1) {
    std::string expected;
    std::uint64_t good = 0;
    if (size >= 10) expected += "0-10 abc\n", good = 10;
    if (size >= second_end) expected += "10-" + std::to_string(second_end) + " x0 \n", good = second_end;
    if (size == log.size()) expected += std::to_string(second_end) + '-' + std::to_string(size) + " def\n", good = size;
    if (size > good) expected += "cut " + std::to_string(good) + '-' + std::to_string(size) + '\n';
    ASSERT_EQ(pieces_of(log.substr(0, size)), expected) << size;
  }
}

TEST(LogReader, AByteThatIsWrongIsAHoleInItsBlockAndNoMore) {
  const std::string log = log_of({std::string(32'768 - 7, 'a'), "bcd", std::string(32'761 - 10, 'e'), "fgh"});
  const std::string expected = "0-32768 aaa\nhole 32768-65536\n65536-65546 fgh\n";
  for (std::size_t at = 32'768; at < 32'778; ++at) {
    std::string damaged = log;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    EXPECT_EQ(pieces_of(damaged), expected) << at;
  }
}

TEST(LogReader, ZerosAreAHole) {
  EXPECT_EQ(pieces_of(log_of({"abc"}) + std::string(100, '\0')), "0-10 abc\nhole 10-110\n");
  EXPECT_EQ(pieces_of(std::string(40'000, '\0')), "hole 0-40000\n");
}

TEST(ProvenFile, HoldsTheRecordsThatAreNamedAndNoOthers) {
  const std::string log = log_of({"abc", "def", numbered_bytes(50'000), "ghi"});
  const std::uint64_t third_end = log.size() - 10;
  const ProvenLog proven{
      .file = "log",
      .size_bytes = log.size(),
      .runs = {{.file = "log", .begin = 0, .end = 10}, {.file = "log", .begin = 20, .end = third_end}}};
  const std::string text = file_text(proven_records(std::make_unique<TextFile>(log), proven));
  EXPECT_TRUE(text == log_of({"abc", numbered_bytes(50'000)}));
}

TEST(BatchSeal, SaysWhatWasSealed) {
  BatchSeal seal{.salt = {1, 2, 3}, .batch_bytes = 77, .batch_hash = 99, .synced = {}};
  seal.synced = {.manifest = 5, .manifest_bytes = 600, .log_bytes = {{7, 8}, {9, 10}}};
  const std::string bytes = encode_seal(seal);
  const auto decoded = decode_seal(bytes);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->salt, seal.salt);
  EXPECT_EQ(decoded->batch_bytes, 77U);
  EXPECT_EQ(decoded->batch_hash, 99U);
  EXPECT_EQ(decoded->synced.manifest_bytes, 600U);
  EXPECT_EQ(decoded->synced.log_bytes, seal.synced.log_bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode_seal(bytes.substr(0, size))) << size;
  EXPECT_FALSE(decode_seal(bytes + ' '));
}

TEST(BatchSeal, ABatchOfWhichAByteIsWrongIsNotWhole) {
  rocksdb::WriteBatch batch;
  ASSERT_TRUE(batch.Put("key", "value").ok());
  ASSERT_TRUE(batch.Delete("another").ok());
  seal_batch(batch, {}, {});
  const std::string record = batch.Data();
  const auto read = read_record(record);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->seals.size(), 1U);
  EXPECT_EQ(read->next_sequence, read->sequence + 2);
  const std::size_t content_end = record.find("another") + 7;
  for (std::size_t at = 12; at < content_end; ++at) {
    std::string damaged = record;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    EXPECT_FALSE(read_record(damaged)) << at;
  }
  for (std::size_t size = 0; size < record.size(); ++size) {
    const auto cut = read_record(record.substr(0, size));
    EXPECT_FALSE(cut && !cut->seals.empty()) << size;
  }
}

/// Column family 2 is called `chunks` and needs logs from 300 on, the default one from 5 on; a file of chunks comes and
/// one of the default family.
TEST(Manifest, SaysWhichLogsAndTablesThereAre) {
  const std::string family("\xc8\x01\x02", 3);
  const std::string added = family + std::string(
                                         "\xc9\x01\x06"
                                         "chunks",
                                         9);
  const std::string log = family + std::string("\x02\xac\x02", 3);
  const auto file = [](char number) {
    return std::string("\x67\x06", 2) + number +
           std::string(
               "\x90\x4e\x01"
               "a\x01"
               "b\x05\x06\x02\x01z\x01",
               12);
  };
  ManifestContent content("chunks");
  for (const std::string& record : {std::string("\x02\x05", 2), added, log, file(9), family + file(10)}) {
    const core::Status taken = content.add(record);
    ASSERT_TRUE(taken) << taken.error().what;
  }
  EXPECT_EQ(content.first_log(), 5U);
  ASSERT_TRUE(content.add(std::string("\x02\xb0\x02", 3)));
  EXPECT_EQ(content.first_log(), 300U);
  ASSERT_TRUE(content.add(std::string("\x0a\xb0\x02", 3)));  // none before 304 is kept
  EXPECT_EQ(content.first_log(), 304U);
  EXPECT_EQ(content.first_unflushed_log(), 304U);
  EXPECT_EQ(content.flushed_sequence(), 6U);
  ASSERT_EQ(content.tables().size(), 1U);
  EXPECT_EQ(content.tables()[0].number, 10U);
  EXPECT_EQ(content.tables()[0].size_bytes, 10'000U);
  ASSERT_TRUE(content.add(content.without(content.tables()[0])));
  EXPECT_TRUE(content.tables().empty());
}

TEST(Manifest, ARecordThatIsCutOrUnknownIsAnError) {
  const std::string record(
      "\x67\x06\x09\x90\x4e\x01"
      "a\x01"
      "b\x05\x06\x01",
      12);
  ManifestContent whole;
  ASSERT_TRUE(whole.add(record));
  for (std::size_t size = 1; size < record.size(); ++size) {
    ManifestContent content;
    EXPECT_FALSE(content.add(record.substr(0, size))) << size;
  }
  ManifestContent content;
  const core::Status unknown = content.add(std::string("\xf4\x03", 2));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().what, "the field 500 is not known");
}

}  // namespace
}  // namespace sconce::tests
