#include "core/torch7/sniff.h"

#include <gtest/gtest.h>

#include <random>

#include "core/graph/serialize.h"
#include "core/outline/canonical_writer.h"
#include "tests/hostile/wire.h"
#include "tests/support/failing_source.h"
#include "tests/support/golden.h"
#include "tests/support/small_pieces_source.h"

namespace sconce::core {
namespace {

using tests::bytes_of;
using tests::golden_options;
using tests::golden_rows;
using tests::GoldenRow;
using tests::read_golden;
using tests::Wire;

Result<Deserialized> read_automatically(std::string_view text, TrailingBytes trailing) {
  return deserialize(bytes_of(text), {.format = Format::automatic, .read = {.trailing = trailing}});
}

/// Expects that it is refused, whether bytes may stand behind an object or not, and what is said of it.
void expect_unknown(std::string_view text, std::string_view says = "") {
  for (const TrailingBytes trailing : {TrailingBytes::ignore, TrailingBytes::refuse}) {
    const auto read = read_automatically(text, trailing);
    ASSERT_FALSE(read) << '"' << text << '"';
    EXPECT_EQ(read.error().code, ErrorCode::unknown_format) << '"' << text << "\": " << to_string(read.error());
    EXPECT_NE(read.error().what.find(says), std::string::npos) << '"' << text << "\": " << to_string(read.error());
  }
}

TEST(Sniff, GarbageIsNoFormat) {
  const auto format = sniff(std::as_bytes(std::span("\x7fgarbage", 8)));
  ASSERT_FALSE(format);
  EXPECT_EQ(format.error().code, ErrorCode::unknown_format);
  EXPECT_EQ(sniff({}).error().code, ErrorCode::truncated);
}

TEST(Sniff, ANumberIsNotTheTagThatItBeginsWith) {
  for (const std::string number : {"1.5",  "0.5", "5",    "0",   "1",  "8",   "1.9866339190772602",
                                   "5.1",  "1e5", "0x10", "-1",  "+1", "10",  "123456",
                                   "1e-7", "00",  "0.0",  "1,5", ".5", "inf", "nan",
                                   "-0"}) {
    for (const std::string behind : {"", "\n", "\r\n", " ", "  \n"}) {
      if (number == "0" && behind == "\n") continue;  // nil, as Torch writes it
      if (number.size() == 1 && number[0] < '9' && behind.contains('\n') && behind[0] != ' ') continue;
      expect_unknown(number + behind, number == "1,5" ? "text" : "a plain number");
      expect_unknown(' ' + number + behind);
    }
  }
}

TEST(Sniff, TextIsNotAscii) {
  for (const std::string text : {"1 5",        "0 1 2 3",  "2 3 4\n5 6 7", "1\t5",      "1,2,3\n4,5,6\n", "1;2",
                                 "1:2",        "5 1\n",    "3 apples",     "0 0",       "1abc",           "1/2",
                                 "2026-11-27", "12:30:05", "1.0.0",        "hello",     "word",           "-",
                                 "+",          " ",        "\n",           "\n\n\n",    "1\n2,5\n",       "1\n5,6",
                                 "5\n7\n",     "5\n10\n",  "0\n0.5\n",     "1\n2\n3\n", "0\nabc",         "5\n1x\n"}) {
    expect_unknown(text);
  }
}

/// What begins as Torch writes it is told where it is wrong.
TEST(Sniff, AsciiThatIsWrongIsNamedByItsByte) {
  const auto read = read_automatically("1\nabc\n", TrailingBytes::ignore);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::malformed);
  EXPECT_EQ(read.error().offset, 2U);
}

TEST(Sniff, WhatItSeemsToBeIsNamed) {
  const std::pair<std::string, std::string_view> rows[] = {
      {"\x80\x02\x8a\nl\xfc\x9c\x46\xf9 j\xa8", "a PyTorch file (pickle)"},
      {"\x80\x04\x95", "a Python pickle"},
      {"\x89HDF\r\n\x1a\n", "an HDF5 file"},
      {"\x1f\x8b\x08", "a gzip file"},
      {"BZh91AY", "a bzip2 file"},
      {std::string("\xfd\x37zXZ\0", 6), "an xz file"},
      {"\x28\xb5\x2f\xfd", "a Zstandard file"},
      {"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"},
      {"<!DOCTYPE html>", "HTML"},
      {"[1, 2, 3]", "JSON"},
      {"\xef\xbb\xbf{}", "byte order mark"},
      {"Hello, world\n", "text"},
      {"3.25\n", "a plain number"},
      {std::string("\0\0\0\4\0\0\0\1", 8), "big-endian"},
      {std::string(257, 'x') + "ustar", "a tar"}};
  for (const auto& [bytes, kind] : rows) expect_unknown(bytes, kind);
}

/// The message of the error is this sentence alone.
TEST(Sniff, AFileOfOtherProgramsIsNamedWithWhatToDo) {
  const std::string zip_head = std::string("PK\3\4") + std::string(22, '\0') + std::string("\x10\0\0\0", 4);
  const std::pair<std::string, std::string_view> rows[] = {
      {zip_head + "archive/data.pkl\x80\x02",
       "a zip of PyTorch's torch.save; load it in PyTorch, and save its tensors with safetensors"},
      {zip_head + "archive/file.txt", "a zip; if numpy.savez wrote it, name the format npz, otherwise unpack it first"},
      {"\x80\x02}q", "a Python pickle; load it in Python, and save its arrays with safetensors or numpy.savez"},
      {std::string("\x08\x07\x12\x07pytorch\x1a", 12),
       "an ONNX model; load it with onnx in Python, and save its tensors with safetensors"},
      {"\x89HDF\r\n\x1a\n", "an HDF5 file; open it with h5py, and save its arrays with numpy.savez"},
      {"<html><head>", "HTML or XML, perhaps a page that says why a download failed; fetch the file again"},
      {"\xff\xfe{", "text in UTF-16; save it as UTF-8, without a byte order mark"},
      {std::string("{\0\"\0a\0", 6), "text in UTF-16; save it as UTF-8, without a byte order mark"},
      {std::string("3\0\n\0001\0", 6), "text in UTF-16; save it as UTF-8, without a byte order mark"},
      {"\xef\xbb\xbf"
       "3\n1\n",
       "text with a byte order mark; save it as UTF-8 without one"},
      {"\x80\x02" + std::string(6, '\0') + "{\"a\"", "a safetensors file; name that format"}};
  for (const auto& [bytes, sentence] : rows) {
    const auto format = sniff(bytes_of(bytes));
    ASSERT_FALSE(format) << sentence;
    EXPECT_EQ(to_string(format.error()), "unknown_format: this is " + std::string(sentence));
  }
}

/// A protobuf of other fields, or one whose name is cut, may be anything.
TEST(Sniff, WhatOnlyResemblesOnnxIsNotCalledSo) {
  for (const std::string& bytes : {std::string("\x08\x07\x12\x07pyt", 7), std::string("\x08\x07\x12\x02\1\2\3", 7),
                                   std::string("\x08\x30\x12\x02pp", 6)}) {
    const auto format = sniff(bytes_of(bytes));
    ASSERT_FALSE(format);
    EXPECT_FALSE(format.error().what.contains("ONNX")) << to_string(format.error());
  }
}

std::string random_word(std::mt19937_64& random) {
  constexpr std::string_view kNumber = "0123456789.-+eE";
  constexpr std::string_view kText = "abcdefnrtul \t,;:'\"[]{}_0123456789";
  const std::string_view bytes = random() % 2 == 0 ? kNumber : kText;
  std::string word;
  for (std::size_t size = 1 + random() % 8; size > 0; --size) word += bytes[random() % bytes.size()];
  return word;
}

/// Words and numbers, in one line or in several, of which none but the last one is a tag on its own.
void expect_no_text_is_read(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  constexpr std::string_view kBetween[] = {" ", ",", "\t", "\n", "; "};
  for (int i = 0; i < 20'000; ++i) {
    std::string text = random_word(random);
    for (std::size_t more = random() % 4; more > 0; --more) text += kBetween[random() % 5], text += random_word(random);
    const std::string_view line = std::string_view(text).substr(0, text.find('\n'));
    if (line.size() == 1 && line[0] >= '0' && line[0] <= '8') continue;
    for (const TrailingBytes trailing : {TrailingBytes::ignore, TrailingBytes::refuse}) {
      const auto read = read_automatically(text, trailing);
      ASSERT_FALSE(read) << '"' << text << "\", seed " << seed;
      ASSERT_EQ(read.error().code, ErrorCode::unknown_format) << '"' << text << "\", seed " << seed;
    }
  }
}

TEST(Sniff, NoTextIsRead) { expect_no_text_is_read(1); }
TEST(Sniff, NoTextIsReadWithANewSeed) {
  const std::uint64_t seed = std::random_device{}();
  RecordProperty("seed", std::to_string(seed));
  expect_no_text_is_read(seed);
}

TEST(Sniff, WhatTorchWritesIsAscii) {
  for (const std::string text : {"0\n", "1\n5\n", "1\n5", "1\n-nan\n", "5\n1\n", "5\n0", "2\n3\nabc\n", "2\n0\n",
                                 "3\n1\n0\n", "1\n5\n1\n6\n", "1\n2.5\n\n  \n", "1\r\n5\r\n", "2\r\n3\r\nabc\r\n"}) {
    const auto format = sniff(bytes_of(text));
    ASSERT_TRUE(format) << text << ": " << to_string(format.error());
    EXPECT_EQ(*format, Format::ascii) << text;
  }
}

/// Where b32 and b64 cannot be told apart, either answer must read the same.
TEST(Sniff, EveryGoldenFileIsDetected) {
  for (const TrailingBytes trailing : {TrailingBytes::ignore, TrailingBytes::refuse}) {
    for (const GoldenRow& row : golden_rows()) {
      ReadOptions options = golden_options(row.referenced);
      options.trailing = trailing;
      const std::string file = read_golden(row.file);
      const auto read = deserialize(bytes_of(file), {.format = Format::automatic, .read = options});
      ASSERT_TRUE(read) << row.file << ": " << to_string(read.error());
      const auto named = deserialize(bytes_of(file), {.format = row.format, .read = options});
      ASSERT_TRUE(named) << row.file << ": " << to_string(named.error());
      EXPECT_TRUE(equal(read->object, named->object)) << row.file;
    }
  }
}

struct Taken {
  std::string bytes;
  std::string error;
  friend bool operator==(const Taken&, const Taken&) = default;
};

Taken taken_in_pieces(std::string_view input, const ReadOptions& options, std::size_t piece_bytes) {
  Taken taken;
  StringSink out(taken.bytes);
  CanonicalWriter writer(Format::automatic, out, options);
  Status status;
  for (std::size_t at = 0; status && at < input.size(); at += piece_bytes) {
    status = writer.put(bytes_of(input.substr(at, piece_bytes)));
  }
  if (status) status = writer.finish();
  if (!status) taken = {.bytes = "", .error = to_string(status.error())};
  return taken;
}

TEST(Sniff, CuttingTheInputAnywhereChangesNothing) {
  for (const GoldenRow& row : golden_rows()) {
    const std::string file = read_golden(row.file);
    ReadOptions options = golden_options(row.referenced);
    options.trailing = TrailingBytes::refuse;
    const Taken whole = taken_in_pieces(file, options, file.size());
    EXPECT_EQ(whole.error, "") << row.file;
    for (const std::size_t piece : {1UL, 7UL, 4097UL}) {
      if (piece == 1 && file.size() > 5'000) continue;
      EXPECT_TRUE(taken_in_pieces(file, options, piece) == whole) << row.file;
    }
  }
  for (const std::string text : {"1.5", "0.5\n", "0", "5\n7\n", "1\n2\n3\n", "hello", "1 5\n"}) {
    for (const std::size_t piece : {1UL, 2UL, 100UL}) {
      EXPECT_EQ(taken_in_pieces(text, {}, piece), taken_in_pieces(text, {}, text.size())) << text;
    }
  }
}

/// Cut off at one byte, these are also all of an object in the other format, with no element of a storage in it.
bool is_whole_in_both(const std::string& name) {
  return name == "tds_vec" || name == "cls_packed" || name == "Double_resized0" || name == "Double_emptystorage0";
}

/// A file that was cut off is not taken for another object in the other format.
TEST(Sniff, AFileThatWasCutOffIsNeverAnother) {
  std::size_t cuts = 0;
  for (const GoldenRow& row : golden_rows()) {
    const std::string file = read_golden(row.file);
    if (row.format == Format::ascii || file.size() > 600 || is_whole_in_both(row.name)) continue;
    const auto whole = deserialize(bytes_of(file), {.format = row.format, .read = golden_options(row.referenced)});
    ASSERT_TRUE(whole) << row.file;
    for (std::size_t size = 1; size < file.size(); ++size) {
      const std::string_view cut = std::string_view(file).substr(0, size);
      for (const TrailingBytes trailing : {TrailingBytes::ignore, TrailingBytes::refuse}) {
        ReadOptions options = golden_options(row.referenced);
        options.trailing = trailing;
        const auto read = deserialize(bytes_of(cut), {.format = Format::automatic, .read = options});
        // An empty tensor in b64 begins as one in b32.
        EXPECT_TRUE(!read || equal(read->object, whole->object))
            << row.file << " cut at " << size << " is " << name_of(read->format);
      }
      cuts += 1;
    }
  }
  EXPECT_GT(cuts, 20'000U);
}

/// Whatever its sizes, a tensor of one element, with its long in each of the two widths.
std::string tensor_bytes(bool is_b32, std::int64_t rows, std::int64_t columns, std::string_view behind = "") {
  Wire wire;
  const auto longs = [&](std::initializer_list<std::int64_t> values) {
    for (const std::int64_t value : values) is_b32 ? wire.i32(static_cast<std::int32_t>(value)) : wire.i64(value);
  };
  wire.instance(1, "torch.ByteTensor").i32(2);
  longs({rows, columns, columns, 1, 1});
  wire.instance(2, "torch.ByteStorage");
  longs({rows * columns});
  wire.raw(std::string(static_cast<std::size_t>(rows * columns), '\1')).raw(behind);
  return wire.bytes();
}

TEST(Sniff, LongsTellB32FromB64) {
  for (const std::int64_t rows : {1, 2, 3, 8, 100}) {
    for (const std::int64_t columns : {1, 2, 4, 17}) {
      for (const TrailingBytes trailing : {TrailingBytes::ignore, TrailingBytes::refuse}) {
        const ReadOptions options{.trailing = trailing};
        EXPECT_EQ(sniff(bytes_of(tensor_bytes(true, rows, columns)), options), Format::b32) << rows << 'x' << columns;
        EXPECT_EQ(sniff(bytes_of(tensor_bytes(false, rows, columns)), options), Format::b64) << rows << 'x' << columns;
      }
      for (const std::string& behind : {std::string(4, '\0'), std::string("xyz"), std::string(100, '\0')}) {
        EXPECT_EQ(sniff(bytes_of(tensor_bytes(true, rows, columns, behind))), Format::b32) << rows << 'x' << columns;
        EXPECT_EQ(sniff(bytes_of(tensor_bytes(false, rows, columns, behind))), Format::b64) << rows << 'x' << columns;
      }
    }
  }
}

/// Two objects, of which the first has no long.
TEST(Sniff, WhatIsBehindAnObjectTellsToo) {
  const std::string first = Wire().table(1, 1).number(1).number(2).bytes();
  for (const bool is_b32 : {true, false}) {
    std::string second = tensor_bytes(is_b32, 2, 3);
    second[4] = '\2';  // its index
    second[second.find("V 1", 20) - 8] = '\3';
    EXPECT_EQ(sniff(bytes_of(first + second)), is_b32 ? Format::b32 : Format::b64);
  }
}

/// A b64 file that was cut off just where its reading as b32 ends.
TEST(Sniff, AB64FileCutOffWhereB32WouldEndIsB64) {
  const std::string cut = Wire().instance(1, "torch.FloatTensor").i32(1).i64(4).i64(1).bytes();
  for (const TrailingBytes trailing : {TrailingBytes::ignore, TrailingBytes::refuse}) {
    EXPECT_EQ(sniff(bytes_of(cut), {.trailing = trailing}), Format::b64);
    EXPECT_EQ(read_automatically(cut, trailing).error().code, ErrorCode::truncated);
  }
}

/// More than what is held back to tell the format, and not a long in it.
TEST(Sniff, AGuessThatFailsSaysThatItWasOne) {
  Wire wire;
  wire.table(1, 2).number(1).string(std::string(CanonicalWriter::kSniffBytesMax, 'x')).number(2);
  std::string b32 = wire.bytes() + tensor_bytes(true, 2, 3);
  const std::size_t index = wire.bytes().size() + 4;
  b32[index] = '\2';
  b32[b32.find("V 1", index + 20) - 8] = '\3';
  const Taken guessed = taken_in_pieces(b32, {.trailing = TrailingBytes::refuse}, 65'536);
  EXPECT_NE(guessed.error.find("if it is the other, name it"), std::string::npos) << guessed.error;
  std::string bytes;
  StringSink out(bytes);
  CanonicalWriter named(Format::b32, out, {.trailing = TrailingBytes::refuse});
  EXPECT_TRUE(named.put(bytes_of(b32)) && named.finish());
}

TEST(Sniff, TellsTheSameOfASourceInPieces) {
  for (const GoldenRow& row : golden_rows()) {
    const std::string bytes = read_golden(row.file);
    if (bytes.size() > 10'000) continue;
    const auto whole = sniff(bytes_of(bytes), golden_options(row.referenced));
    for (const std::size_t piece_bytes : {1U, 7U, 100U}) {
      tests::SmallPiecesSource source(bytes_of(bytes), piece_bytes);
      const auto in_pieces = sniff(source, golden_options(row.referenced));
      ASSERT_EQ(in_pieces.has_value(), whole.has_value()) << row.file;
      if (whole) EXPECT_EQ(*in_pieces, *whole) << row.file;
      else EXPECT_EQ(to_string(in_pieces.error()), to_string(whole.error())) << row.file;
    }
  }
}

TEST(Sniff, AByteThatCannotBeReadIsItsError) {
  const std::string longs = read_golden("Long_2d.b32.ref.t7");  // to tell it, all of it is read in two ways
  for (std::size_t at = 0; at < longs.size(); ++at) {
    MemorySource whole(bytes_of(longs));
    tests::FailingSource source(whole, at);
    const auto format = sniff(source);
    ASSERT_FALSE(format) << at;
    EXPECT_EQ(to_string(format.error()), "io_error: byte " + std::to_string(at) + " cannot be read");
  }
}

}  // namespace
}  // namespace sconce::core
