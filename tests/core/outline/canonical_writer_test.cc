#include "core/outline/canonical_writer.h"

#include <gtest/gtest.h>

#include "core/torch7/sniff.h"
#include "tests/support/golden.h"

namespace sconce::core {
namespace {

using tests::bytes_of;
using tests::golden_options;
using tests::golden_row;
using tests::read_golden;

struct Written {
  std::string bytes;
  Status status;
  std::string root_kind;
};

/// Gives the input in pieces of this size.
Written write(std::string_view input, Format format, const ReadOptions& options, std::size_t piece_bytes) {
  Written written;
  StringSink out(written.bytes);
  CanonicalWriter writer(format, out, options);
  for (std::size_t at = 0; at < input.size() && written.status; at += piece_bytes) {
    written.status = writer.put(bytes_of(input.substr(at, piece_bytes)));
  }
  if (written.status) written.status = writer.finish();
  written.root_kind = writer.root_kind();
  return written;
}

TEST(CanonicalWriter, EveryFormatBecomesBinaryInAnyPieces) {
  for (const std::string name :
       {"nn_cnn", "tab_cyclic", "str_long", "tds_hash_tensor", "func_upvalues", "cls_packed"}) {
    const std::string binary = read_golden(golden_row(name, Format::binary, true)->file);
    for (const Format format : {Format::binary, Format::ascii, Format::b32}) {
      const tests::GoldenRow* row = golden_row(name, format, true);
      if (row == nullptr) continue;
      const std::string input = read_golden(row->file);
      for (const std::size_t piece_bytes : {1UL, 7UL, 4096UL}) {
        for (const Format named : {format, Format::automatic}) {
          const Written written = write(input, named, golden_options(true), piece_bytes);
          ASSERT_TRUE(written.status) << row->file << ": " << to_string(written.status.error());
          EXPECT_TRUE(written.bytes == binary) << row->file << " in pieces of " << piece_bytes;
        }
      }
    }
  }
}

TEST(CanonicalWriter, WithoutAnOutlineTheBytesAreTheSame) {
  for (const std::string name : {"nn_cnn", "tab_cyclic", "tds_hash_tensor"}) {
    const std::string binary = read_golden(golden_row(name, Format::binary, true)->file);
    for (const Format format : {Format::binary, Format::ascii}) {
      const std::string input = read_golden(golden_row(name, format, true)->file);
      std::string bytes;
      StringSink out(bytes);
      CanonicalWriter writer(format, out, golden_options(true), Outlining::off);
      ASSERT_TRUE(writer.put(bytes_of(input)));
      ASSERT_TRUE(writer.finish());
      EXPECT_TRUE(bytes == binary) << name;
      CanonicalWriter cut_short(format, out, golden_options(true), Outlining::off);
      const Status put = cut_short.put(bytes_of(std::string_view(input).substr(0, input.size() / 2)));
      EXPECT_FALSE(put && cut_short.finish()) << "it is validated all the same";
    }
  }
}

TEST(CanonicalWriter, BigEndianBecomesLittleEndian) {
  const std::string_view big("\0\0\0\1\x3f\xf0\0\0\0\0\0\0", 12);
  const Written written = write(big, Format::binary, {.byte_order = ByteOrder::big}, 5);
  ASSERT_TRUE(written.status) << to_string(written.status.error());
  EXPECT_EQ(written.bytes, std::string_view("\1\0\0\0\0\0\0\0\0\0\xf0\x3f", 12));
}

TEST(CanonicalWriter, TheRootIsKnown) {
  const std::pair<const char*, const char*> rows[] = {
      {"nil", "nil"},          {"num_one", "number"},        {"true", "boolean"},
      {"str_plain", "string"}, {"tab_map", "table"},         {"func_plain", "function"},
      {"Float_2d", "tensor"},  {"Float_storage", "storage"}, {"nn_mlp", "instance"}};
  for (const auto& [name, kind] : rows) {
    const Written written = write(read_golden(golden_row(name, Format::ascii, true)->file), Format::ascii, {}, 1);
    EXPECT_EQ(written.root_kind, kind) << name;
  }
}

/// Two empty tables of one index, in a table: without references the second one needs an index of its own.
TEST(CanonicalWriter, RepeatedIndicesBecomeDistinct) {
  const std::string repeated = "3\n1\n2\n1\n1\n3\n2\n0\n1\n2\n3\n2\n0\n";
  const Written written = write(repeated, Format::ascii, {.referenced = false}, 3);
  ASSERT_TRUE(written.status) << to_string(written.status.error());
  const Written again = write(written.bytes, Format::binary, {.trailing = TrailingBytes::refuse}, 3);
  EXPECT_TRUE(again.status);
  EXPECT_EQ(again.bytes, written.bytes);
}

TEST(CanonicalWriter, ErrorsSayWhere) {
  const std::string input = read_golden("nn_mlp.ascii.ref.t7");
  for (const std::size_t piece_bytes : {1UL, 100UL, 100'000UL}) {
    const Written cut = write(std::string_view(input).substr(0, 700), Format::automatic, {}, piece_bytes);
    ASSERT_FALSE(cut.status);
    EXPECT_EQ(cut.status.error().code, ErrorCode::truncated);
    EXPECT_EQ(cut.status.error().offset, 700U);
    const Written more = write(input + "x", Format::ascii, {.trailing = TrailingBytes::refuse}, piece_bytes);
    ASSERT_FALSE(more.status);
    EXPECT_EQ(more.status.error().code, ErrorCode::trailing_bytes);
    EXPECT_EQ(more.status.error().offset, input.size());
  }
}

TEST(CanonicalWriter, NothingIsTruncated) {
  const Written nothing = write("", Format::automatic, {}, 1);
  ASSERT_FALSE(nothing.status);
  EXPECT_EQ(nothing.status.error().code, ErrorCode::truncated);
}

/// Takes a few bytes, then fails.
class FullSink final : public ByteSink {
 public:
  Status write(std::span<const std::byte>) override { return fail(ErrorCode::no_space, "full"); }
};

TEST(CanonicalWriter, WhatTheOutputSaysIsPassedOn) {
  for (const Format format : {Format::ascii, Format::binary}) {
    FullSink full;
    CanonicalWriter writer(format, full, {});
    const std::string input = read_golden(golden_row("Float_10k", format, true)->file);
    Status status = writer.put(bytes_of(input));
    if (status) status = writer.finish();
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::no_space);
  }
}

/// What is sure from the first bytes is not held back.
TEST(SniffBegin, IsSureOnlyWhereNoOtherReadingIsPossible) {
  const std::string tensor = read_golden("Float_10k.binary.ref.t7");
  const std::string tensor_b32 = read_golden("Float_10k.b32.ref.t7");
  ReadOptions nothing_behind;
  nothing_behind.trailing = TrailingBytes::refuse;
  EXPECT_EQ(sniff_begin(bytes_of(tensor).first(200), nothing_behind), Format::b64);
  EXPECT_EQ(sniff_begin(bytes_of(tensor).first(200)), std::nullopt) << "an empty b32 tensor, and bytes behind it";
  EXPECT_EQ(sniff_begin(bytes_of(tensor_b32).first(200)), Format::b32);
  EXPECT_EQ(sniff_begin(bytes_of("3\n1\n")), Format::ascii);
  EXPECT_EQ(sniff_begin(bytes_of(tensor).first(8)), std::nullopt) << "no long has come";
  EXPECT_EQ(sniff_begin(bytes_of(std::string(8, '\7'))), std::nullopt) << "it is neither";
  EXPECT_EQ(sniff_begin({}), std::nullopt);
}

TEST(SniffBegin, AgreesWithWhatTheWholeInputSays) {
  std::size_t sure = 0;
  for (const tests::GoldenRow& row : tests::golden_rows()) {
    const std::string file = read_golden(row.file);
    ReadOptions options = golden_options(row.referenced);
    options.trailing = TrailingBytes::refuse;
    const auto whole = sniff(bytes_of(file), options);
    ASSERT_TRUE(whole) << row.file;
    for (const std::size_t size : {16U, 64U, 256U, 4096U}) {
      if (size >= file.size()) continue;
      const auto early = sniff_begin(bytes_of(file).first(size), options);
      if (!early) continue;
      EXPECT_EQ(*early, *whole) << row.file << " by " << size << " bytes";
      sure += 1;
    }
  }
  EXPECT_GT(sure, 500U);
}

}  // namespace
}  // namespace sconce::core
