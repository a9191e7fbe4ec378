#include "proto/formats/npz/npz.h"

#include <gtest/gtest.h>

#include <fstream>

#include "core/files/file_source.h"
#include "core/text/printable.h"
#include "proto/formats/arrays/npy.h"
#include "proto/formats/npz/zip_bytes.h"
#include "tests/proto/reading.h"
#include "tests/support/failing_source.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"
#include "tests/support/open_file.h"
#include "tests/support/small_pieces_source.h"

namespace sconce::proto {
namespace {

using core::ErrorCode;
using tests::bytes_of;

constexpr std::uint64_t kPlenty = 1 << 20;

struct Array {
  std::string name;
  std::string elements;  // of bytes
};

std::string npy_of(const Array& array) {
  return *npy_header(Dtype::u8, std::vector{static_cast<std::int64_t>(array.elements.size())}) + array.elements;
}

std::string npz_of(const std::vector<Array>& arrays) {
  std::string file;
  core::StringSink out(file);
  NpzWriter writer(out);
  for (const Array& array : arrays) {
    const std::string npy = npy_of(array);
    EXPECT_TRUE(writer.begin(array.name, npy.size()));
    EXPECT_TRUE(writer.write(bytes_of(npy.substr(0, 50))));
    EXPECT_TRUE(writer.write(bytes_of(npy.substr(50))));
  }
  EXPECT_TRUE(writer.finish());
  return file;
}

core::Status read(const std::string& file, std::uint64_t elements_bytes_max = kPlenty) {
  tests::RecordingWriter sink;
  core::MemorySource zip(bytes_of(file));
  return read_npz(zip, sink, elements_bytes_max);
}

/// A zip of one .npy, as other writers may make it.
struct OtherZip {
  std::string name;
  std::string front = "";
  std::string comment = "";
  std::string behind = "";
  bool offsets_count_front = false;  // as `zip -A` makes them
  bool long_fields = false;          // a zip64, of sizes and offsets that need none
};

template <class T>
std::string raw(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}
std::string u16(std::uint16_t value) { return raw(value); }
std::string u32(std::uint32_t value) { return raw(value); }
std::string u64(std::uint64_t value) { return raw(value); }

std::string zip_of(const OtherZip& zip) {
  const std::string npy = npy_of({"", "1234"});
  const std::string stored = npz_of({{"x", "1234"}});  // for the checksum in its directory
  const std::uint64_t shift = zip.offsets_count_front ? zip.front.size() : 0;
  const auto size = static_cast<std::uint32_t>(npy.size());
  const std::string times_and_sum = u16(0) + u16(33) + stored.substr(stored.find("PK\1\2") + 16, 4);
  const std::string sizes = u32(size) + u32(size) + u16(static_cast<std::uint16_t>(zip.name.size()));
  const std::string local = "PK\3\4" + u16(20) + u16(0) + u16(0) + times_and_sum + sizes + u16(0) + zip.name + npy;
  const std::string extra = zip.long_fields ? u16(1) + u16(8) + u64(shift) : "";
  const std::string directory = "PK\1\2" + u16(45) + u16(20) + u16(0) + u16(0) + times_and_sum + sizes +
                                u16(static_cast<std::uint16_t>(extra.size())) + u16(0) + u16(0) + u16(0) + u32(0) +
                                u32(zip.long_fields ? UINT32_MAX : static_cast<std::uint32_t>(shift)) + zip.name +
                                extra;
  const std::uint64_t at = shift + local.size();
  std::string end;
  if (zip.long_fields) {
    end = "PK\6\6" + u64(44) + u16(45) + u16(45) + u32(0) + u32(0) + u64(1) + u64(1) + u64(directory.size()) + u64(at) +
          "PK\6\7" + u32(0) + u64(at + directory.size()) + u32(1);
  }
  const auto narrow = [&](std::uint64_t value) {
    return u32(zip.long_fields ? UINT32_MAX : static_cast<std::uint32_t>(value));
  };
  end += "PK\5\6" + u16(0) + u16(0) + u16(1) + u16(1) + narrow(directory.size()) + narrow(at) +
         u16(static_cast<std::uint16_t>(zip.comment.size())) + zip.comment;
  return zip.front + local + directory + end + zip.behind;
}

std::string read_zip(const OtherZip& zip) {
  const core::Status status = read(zip_of(zip));
  return status ? "" : core::to_string(status.error());
}

std::string events_of(const std::string& file) {
  tests::RecordingWriter sink;
  core::MemorySource zip(bytes_of(file));
  const core::Status read = read_npz(zip, sink, kPlenty);
  if (!read) return core::to_string(read.error());
  sink.expect_object();
  return sink.events();
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
    text.replace(at, what.size(), with);
  }
  return text;
}

TEST(Npz, IsReadAsItIsWritten) {
  EXPECT_EQ(events_of(npz_of({{"w.1", "xyz"}, {"dir/ä", ""}})),
            "\ntable 1 2\nstring 3 inline w.1\ninstance 2 V 1 torch.ByteTensor\ntensor torch.ByteTensor 3 | 1 | 1\n"
            "instance 3 V 1 torch.ByteStorage\nstorage torch.ByteTensor 3\nelements u8 xyz\nend\nend\n"
            "string 6 inline dir/ä\ninstance 4 V 1 torch.ByteTensor\ntensor torch.ByteTensor 0 | 1 | 1\n"
            "instance 5 V 1 torch.ByteStorage\nstorage torch.ByteTensor 0\nend\nend\nend");
  EXPECT_EQ(npz_of({}).size(), 22U);
  EXPECT_EQ(events_of(npz_of({})), "\ntable 1 0\nend");
}

TEST(Npz, TheSameArraysGiveTheSameBytes) {
  EXPECT_EQ(npz_of({{"a", "1"}, {"b", "2"}}), npz_of({{"a", "1"}, {"b", "2"}}));
}

TEST(NpzWriter, RefusesNamesByName) {
  std::string file;
  core::StringSink out(file);
  NpzWriter writer(out);
  ASSERT_TRUE(writer.begin("a", 0));
  for (const std::string& name :
       {std::string("a"), std::string("b\0", 2), std::string("c\xff"), std::string(65'532, 'd')}) {
    const core::Status begun = writer.begin(name, 0);
    ASSERT_FALSE(begun);
    EXPECT_EQ(begun.error().code, ErrorCode::unrepresentable);
    EXPECT_NE(begun.error().what.find(name.substr(0, 1)), std::string::npos);
  }
  EXPECT_TRUE(writer.begin(std::string(65'531, 'd'), 0));
  EXPECT_TRUE(writer.finish());
}

TEST(NpzWriter, AnEntryGetsTheBytesThatWereAnnounced) {
  std::string file;
  core::StringSink out(file);
  NpzWriter writer(out);
  ASSERT_TRUE(writer.begin("a", 3));
  EXPECT_EQ(writer.write(bytes_of("1234")).error().code, ErrorCode::invalid_argument);
  EXPECT_TRUE(writer.write(bytes_of("12")));
  EXPECT_EQ(writer.begin("b", 0).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(writer.finish().error().code, ErrorCode::invalid_argument);
}

/// Fails at the nth write.
class FailingSink final : public core::ByteSink {
 public:
  explicit FailingSink(int nth) : left_(nth) {}
  core::Status write(std::span<const std::byte>) override {
    left_ -= 1;
    if (left_ == 0) return core::fail(ErrorCode::no_space, "the disk is full");
    return {};
  }
  int left() const { return left_; }

 private:
  int left_;
};

TEST(NpzWriter, EveryFailureOfTheOutputIsItsError) {
  for (int nth = 1; nth < 100; ++nth) {
    FailingSink out(nth);
    core::Status status;
    {
      NpzWriter writer(out);
      status = writer.begin("a", 4);
      if (status) status = writer.write(bytes_of("abcd"));
      if (status) status = writer.begin("b", 0);
      if (status) status = writer.finish();
    }
    if (status) {
      EXPECT_GT(nth, 4);
      return;
    }
    EXPECT_EQ(core::to_string(status.error()), "no_space: the disk is full");
    EXPECT_EQ(out.left(), 0) << "it writes after an error";
  }
  FAIL() << "it never ends";
}

/// Writes a file, with holes where there are only zeros.
class SparseFile final : public core::ByteSink {
 public:
  explicit SparseFile(const std::string& path) : file_(path, std::ios::binary) {}
  core::Status write(std::span<const std::byte> bytes) override {
    const auto size = static_cast<std::streamoff>(bytes.size());
    if (bytes.size() >= kHoleBytes) {
      file_.seekp(size, std::ios::cur);
    } else {
      file_.write(reinterpret_cast<const char*>(bytes.data()), size);
    }
    if (!file_.flush()) return core::fail(ErrorCode::io_error, "the file cannot be written");
    return {};
  }
  static constexpr std::size_t kHoleBytes = std::size_t{16} << 20;

 private:
  std::ofstream file_;
};

TEST(Npz, AnArrayOfMoreThan4GiBIsReadAsItIsWritten) {
  constexpr std::int64_t kPieces = 257;
  constexpr std::int64_t kSize = kPieces * static_cast<std::int64_t>(SparseFile::kHoleBytes);
  const tests::TemporaryDirectory folder;
  SparseFile out(folder / "large.npz");
  NpzWriter writer(out);
  const std::string header = *npy_header(Dtype::u8, std::vector{kSize});
  ASSERT_TRUE(writer.begin("large", header.size() + static_cast<std::uint64_t>(kSize)));
  ASSERT_TRUE(writer.write(bytes_of(header)));
  const std::vector<std::byte> zeros(SparseFile::kHoleBytes);
  for (int i = 0; i < kPieces; ++i) ASSERT_TRUE(writer.write(zeros));
  const std::string small = npy_of({"", "small"});
  ASSERT_TRUE(writer.begin("small", small.size()));
  ASSERT_TRUE(writer.write(bytes_of(small)));
  ASSERT_TRUE(writer.finish());

  const tests::OpenFile file(folder / "large.npz");
  core::FileSource zip(file.fd(), std::filesystem::file_size(folder / "large.npz"), "large.npz");
  core::CountingSink counted;
  core::EventWriter sink(core::Format::binary, counted);
  const core::Status read = read_npz(zip, sink, std::uint64_t{1} << 40);
  ASSERT_TRUE(read) << core::to_string(read.error());
  ASSERT_TRUE(sink.finish());
  EXPECT_GT(counted.size_bytes(), static_cast<std::uint64_t>(kSize));
}

/// Read through a source that hands it out in small pieces.
core::Status read_in_pieces(const std::string& file, std::size_t piece_bytes) {
  tests::SmallPiecesSource zip(bytes_of(file), piece_bytes);
  tests::RecordingWriter sink;
  return read_npz(zip, sink, kPlenty);
}

std::string said(const core::Status& status) { return status ? "" : core::to_string(status.error()); }

TEST(NpzReader, ReadsTheSameInPieces) {
  const std::string good = npz_of({{"w.1", "xyz"}, {"dir/ä", ""}});
  const std::string with_long_fields = zip_of({.name = "x.npy", .comment = "of 12 bytes ", .long_fields = true});
  const std::string late = zip_of({.name = "x.npy", .front = "front", .long_fields = true});
  const std::string longer = zip_of({.name = "x.npy"}) + std::string(700'000, 'x');
  const std::string damaged = replaced(good, "xyz", "xyw");
  const std::string no_directory = good.substr(0, good.size() / 2);
  for (const std::string& file : {good, with_long_fields, late, longer, damaged, no_directory, npz_of({})}) {
    for (const std::size_t piece_bytes : {1U, 3U, 22U, 47U, 1000U}) {
      EXPECT_EQ(said(read_in_pieces(file, piece_bytes)), said(read(file))) << piece_bytes;
    }
  }
}

TEST(NpzReader, FindsTheEndWhereverThePiecesOfItsSearchMeet) {
  const std::string zip = zip_of({.name = "x.npy"});
  for (std::size_t more = ZipBytes::kPieceBytes - 50; more < ZipBytes::kPieceBytes + 10; ++more) {
    EXPECT_EQ(said(read(zip + std::string(more, 'x'))), "trailing_bytes: byte " + std::to_string(zip.size()) +
                                                            ": the npz: " + std::to_string(more) +
                                                            " bytes follow its end");
  }
}

TEST(NpzReader, EveryByteThatCannotBeReadIsSaid) {
  const std::string file = npz_of({{"aaa", "1234"}, {"bbb", std::string(300, 'b')}});
  for (const std::size_t piece_bytes : {7U, 100'000U}) {
    for (std::size_t at = 0; at < file.size(); ++at) {
      tests::SmallPiecesSource whole(bytes_of(file), piece_bytes);
      tests::FailingSource zip(whole, at);
      tests::RecordingWriter sink;
      const core::Status status = read_npz(zip, sink, kPlenty);
      ASSERT_FALSE(status) << at;
      EXPECT_EQ(status.error().code, ErrorCode::io_error) << at;
      EXPECT_EQ(status.error().what, "byte " + std::to_string(at) + " cannot be read");
    }
  }
}

TEST(NpzReader, RefusesWhatIsNoNpz) {
  const auto refused = [](const std::string& file, ErrorCode code, std::string_view says) {
    const core::Status status = read(file);
    ASSERT_FALSE(status) << says;
    EXPECT_EQ(core::name_of(status.error().code), core::name_of(code));
    EXPECT_NE(core::to_string(status.error()).find(says), std::string::npos) << core::to_string(status.error());
  };
  const std::string good = npz_of({{"aaa", "1234"}, {"bbb", "5678"}});
  refused("", ErrorCode::malformed, "npz cannot be read");
  refused("\x93NUMPY", ErrorCode::malformed, "npz cannot be read");
  refused(replaced(replaced(good, "bbb.npy", "bbb.txt"), "aaa.npy", "aaa.txt"), ErrorCode::malformed,
          "none of its entries is an array of numbers, a .npy file");
  refused(replaced(npz_of({{"aaa", "1"}, {"bdat", "5"}}), "bdat.npy", "data.pkl"), ErrorCode::malformed,
          "this is a zip of PyTorch's torch.save");
  refused(replaced(good, "bbb.npy", "aaa.npy"), ErrorCode::malformed, "two entries are called `aaa`");
  refused(replaced(good, "5678", "5679"), ErrorCode::malformed, "at bbb: the npz cannot be read: ZIP bad CRC");
  refused(npz_of({{"aaa", "1"}}).substr(0, 100), ErrorCode::malformed, "npz cannot be read");
}

std::string skipped_of(const std::string& file) {
  tests::RecordingWriter sink;
  core::MemorySource zip(bytes_of(file));
  SkippedEntries skipped;
  const core::Status read = read_npz(zip, sink, kPlenty, &skipped);
  if (!read) return core::to_string(read.error());
  sink.expect_object();
  std::string text;
  for (const std::string& name : skipped.names()) text += name + ' ';
  return text + std::to_string(skipped.more());
}

TEST(NpzReader, WhatIsNoArrayIsLeftOutAndNamed) {
  EXPECT_EQ(skipped_of(tests::read_golden("foreign/folders.npz")), "layer/ 0");
  EXPECT_EQ(skipped_of(tests::read_golden("foreign/readme.npz")), "README.txt 0");
  EXPECT_EQ(skipped_of(tests::read_golden("foreign/scipy_csr.npz")), "format.npy 0");
  EXPECT_EQ(skipped_of(tests::read_golden("foreign/names.npz")), "names.npy 0");
  EXPECT_EQ(skipped_of(npz_of({{"a", "1"}})), "0");
}

/// numpy itself would refuse them, or make nonsense of them.
TEST(NpzReader, WhatIsNotTextStaysAnError) {
  const std::string good = npz_of({{"aaa", "1234"}, {"bbb", "5678"}});
  for (const std::string& dtype : std::vector<std::string>{"'|V1'", "'|O1'", "'<c8'"}) {
    const std::string told = skipped_of(replaced(good, "'|u1'", dtype));
    EXPECT_TRUE(told.starts_with("malformed: ")) << told;  // the checksum
    EXPECT_FALSE(npy_holds_text(replaced(npy_of({"", "1"}), "'|u1'", dtype))) << dtype;
  }
  for (const std::string& dtype : std::vector<std::string>{"'|S1'", "'<U7'", "'|a3'"}) {
    EXPECT_TRUE(npy_holds_text(replaced(npy_of({"", "1"}), "'|u1'", dtype))) << dtype;
  }
}

/// libarchive gives `a/b` for `a\b`.
TEST(Npz, ABackslashInANameIsRefusedUnlessItIsOfWindows) {
  const std::string unix = replaced(npz_of({{"a_b", "1"}}), "a_b", "a\\b");
  EXPECT_EQ(events_of(unix),
            "malformed: the npz: the name of the entry `a\\b.npy` has a backslash, which programs read as a slash; "
            "rename it");
  std::string windows = unix;
  windows[windows.find("PK\1\2") + 5] = 0;
  EXPECT_TRUE(events_of(windows).contains("string 3 inline a/b\n")) << events_of(windows);
  std::string file;
  core::StringSink out(file);
  const core::Status begun = NpzWriter(out).begin("a\\b", 0);
  ASSERT_FALSE(begun);
  EXPECT_TRUE(begun.error().what.contains("with a slash for the backslash")) << begun.error().what;
}

TEST(NpzReader, ReadsWhatOtherWritersMake) {
  EXPECT_EQ(read_zip({.name = "x.npy"}), "");
  EXPECT_EQ(read_zip({.name = "x.npy", .comment = std::string(65'535, 'c')}).substr(0, 9), "malformed");  // libarchive
  EXPECT_EQ(read_zip({.name = "x.npy", .comment = "a note"}), "");
  EXPECT_EQ(read_zip({.name = "x.npy", .long_fields = true}), "");
  EXPECT_EQ(read_zip({.name = "x.npy", .comment = "a note", .long_fields = true}), "");
}

TEST(NpzReader, BytesBehindTheZipAreRefused) {
  const std::string good = npz_of({{"a", "1234"}});
  const auto expect_refused = [&](const std::string& behind, const std::string& says) {
    const core::Status status = read(good + behind);
    ASSERT_FALSE(status) << says;
    EXPECT_EQ(core::name_of(status.error().code), "trailing_bytes");
    EXPECT_EQ(status.error().offset, good.size());
    EXPECT_EQ(status.error().what, "the npz: " + says);
  };
  expect_refused("x", "1 byte follows its end");
  expect_refused("xyz", "3 bytes follow its end");
  expect_refused(std::string(100'000, '\0'), "100000 bytes follow its end");
  const core::Status empty = read(npz_of({}) + "xyz");
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().what, "the npz: 3 bytes follow its end");
  EXPECT_EQ(read_zip({.name = "x.npy", .comment = "note", .behind = "xyz"}),
            "trailing_bytes: byte " + std::to_string(zip_of({.name = "x.npy", .comment = "note"}).size()) +
                ": the npz: 3 bytes follow its end");
}

TEST(NpzReader, BytesInFrontOfTheZipAreRefused) {
  const std::string other = npz_of({{"b", "5"}});
  const auto said_of = [&](const std::string& front) {
    const core::Status status = read(front + other);
    return status ? "" : core::to_string(status.error());
  };
  const std::string end = " in front of the zip, or between its entries and its directory";
  EXPECT_EQ(said_of("#"), "malformed: the npz: 1 byte stands" + end);
  EXPECT_EQ(said_of("#!/bin/sh\n"), "malformed: the npz: 10 bytes stand" + end);
  const std::string first = npz_of({{"a", "1234"}});
  EXPECT_EQ(said_of(first), "malformed: the npz: " + std::to_string(first.size()) + " bytes stand" + end);
  for (const bool long_fields : {false, true}) {
    EXPECT_EQ(read_zip({.name = "x.npy", .front = first, .long_fields = long_fields}),
              "malformed: the npz: " + std::to_string(first.size()) + " bytes stand" + end);
    EXPECT_EQ(read_zip({.name = "x.npy", .front = first, .offsets_count_front = true, .long_fields = long_fields}),
              "malformed: the npz: " + std::to_string(first.size()) + " bytes stand" + end);
  }
}

TEST(NpzReader, WhatIsWrongInAnEntryIsSaidWithItsPath) {
  const auto status_of = [](const std::string& npy) {
    std::string file;
    core::StringSink out(file);
    NpzWriter writer(out);
    EXPECT_TRUE(writer.begin("x y", npy.size()) && writer.write(bytes_of(npy)) && writer.finish());
    const core::Status status = read(file);
    return status ? "" : core::to_string(status.error());
  };
  const std::string npy = npy_of({"", "1234"});
  EXPECT_EQ(status_of("PK"), "malformed: at [\"x y\"]: this is not a .npy file, at byte 0 of its entry");
  EXPECT_EQ(status_of(npy.substr(0, npy.size() - 1)),
            "truncated: at [\"x y\"]: 1 bytes of the elements are missing, at byte 131 of its entry");
  EXPECT_EQ(status_of(npy + "5").substr(0, 14), "trailing_bytes");
  EXPECT_EQ(status_of("").substr(0, 9), "truncated");
}

TEST(NpzReader, WhatComesOutIsBounded) {
  const std::string file = npz_of({{"a", std::string(1000, 'a')}, {"b", std::string(1000, 'b')}});
  EXPECT_TRUE(read(file, 2 * 1128));
  const core::Status status = read(file, 2 * 1128 - 1);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::limit_exceeded);
  EXPECT_EQ(status.error().path, "b");
}

TEST(NpzReader, NoDamageIsMoreThanAnError) {
  const std::string good = npz_of({{"a", "123"}, {"b", "45"}});
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(read(good.substr(0, size))) << size;
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const int flipped : {1, 0x80, 0xff}) {
      std::string damaged = good;
      damaged[at] = static_cast<char>(damaged[at] ^ flipped);
      const core::Status status = read(damaged);
      EXPECT_TRUE(status || !status.error().what.empty());
    }
  }
}

}  // namespace
}  // namespace sconce::proto
