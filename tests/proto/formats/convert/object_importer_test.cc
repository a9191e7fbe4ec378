#include "proto/formats/convert/object_importer.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/support/golden.h"

namespace sconce::proto {
namespace {

using tests::bytes_of;

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

std::string number(std::uint64_t value, std::size_t size_bytes) {
  std::string bytes;
  for (std::size_t i = 0; i < size_bytes; ++i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

std::string npy(std::string header, std::string_view data) {
  header.resize((header.size() + 10 + 64) / 64 * 64 - 10, ' ');
  header.back() = '\n';
  return std::string("\x93NUMPY\1\0", 8) + number(header.size(), 2) + header + std::string(data);
}

std::string safetensors(const std::string& header) { return number(header.size(), 8) + header; }

/// What grows most in each format.
struct Dense {
  std::string_view name;
  ObjectFormat format;
  std::string body;
};

std::vector<Dense> dense() {
  constexpr std::size_t kTimes = 1000;
  const std::string longs = "4\n1\n3\nV 1\n17\ntorch.LongStorage\n1000\n" + repeated("0 ", kTimes - 1) + "0\n";
  const std::string b32_longs = number(4, 4) + number(1, 4) + number(3, 4) + "V 1" + number(17, 4) +
                                "torch.LongStorage" + number(kTimes, 4) + repeated(number(0, 4), kTimes);
  std::string tables = "3\n1\n1000\n";
  std::string binary_tables = number(3, 4) + number(1, 4) + number(kTimes, 4);
  for (std::size_t i = 1; i <= kTimes; ++i) {
    const double key = static_cast<double>(i);
    tables += "1\n" + std::to_string(i) + "\n3\n" + std::to_string(i + 1) + "\n0\n";
    binary_tables += number(1, 4) + std::string(reinterpret_cast<const char*>(&key), 8) + number(3, 4) +
                     number(i + 1, 4) + number(0, 4);
  }
  std::string pairs;
  for (std::size_t i = 1; i <= kTimes; ++i) pairs += (i == 1 ? "[" : ",[") + std::to_string(i) + ",0]";
  std::string shape;
  for (std::size_t i = 0; i < kTimes; ++i) shape += "1,";
  const std::string ones = shape.substr(0, shape.size() - 1);
  const std::string nested = repeated("a.", kTimes) + "a";
  return {
      {"longs in ascii", ObjectFormat::ascii, longs},
      {"longs in ascii, detected", ObjectFormat::automatic, longs},
      {"numbers in ascii", ObjectFormat::ascii, "3\n1\n1\n1\n9\n1\n7\n"},
      {"tables in ascii", ObjectFormat::ascii, tables},
      {"tables", ObjectFormat::binary, binary_tables},
      {"longs in b32", ObjectFormat::b32, b32_longs},
      {"a shape in npy", ObjectFormat::npy,
       npy("{'descr': '|u1', 'fortran_order': False, 'shape': (" + shape + "), }", "x")},
      {"nothing in npy", ObjectFormat::npy, npy("{'descr': '<f8', 'fortran_order': False, 'shape': (0,), }", "")},
      {"halves in npy", ObjectFormat::npy,
       npy("{'descr': '<f2', 'fortran_order': False, 'shape': (1000,), }", std::string(2000, '\0'))},
      {"names in safetensors", ObjectFormat::safetensors,
       safetensors("{\"" + nested + R"(":{"dtype":"U8","shape":[],"data_offsets":[0,1]}})") + "x"},
      {"a shape in safetensors", ObjectFormat::safetensors,
       safetensors(R"({"a":{"dtype":"U8","shape":[)" + ones + R"(],"data_offsets":[0,1]}})") + "x"},
      {"pairs in JSON", ObjectFormat::json, R"({"table":1,"count":1000,"pairs":[)" + pairs + "]}"},
      {"longs in JSON", ObjectFormat::json,
       R"({"storage":"torch.LongStorage","version":"V 1","index":1,"count":1000,"elements":[)" + ones + "]}"},
  };
}

/// Nothing if it is no object.
std::optional<std::string> canonical(const Dense& dense) {
  std::string bytes;
  core::StringSink out(bytes);
  const ImportRequest request{.format = dense.format, .read = {}, .spool = {}};
  ObjectImporter intake(request, out);
  core::Status read = intake.put(bytes_of(dense.body));
  if (read) read = intake.finish();
  EXPECT_TRUE(read) << dense.name << ": " << (read ? "" : core::to_string(read.error()));
  return read ? std::optional(bytes) : std::nullopt;
}

TEST(CanonicalBytesMax, IsNotExceededByWhatGrowsMost) {
  for (const Dense& each : dense()) {
    const auto bytes = canonical(each);
    if (!bytes) continue;
    const auto bytes_max = canonical_bytes_max(each.format, bytes_of(each.body));
    ASSERT_TRUE(bytes_max) << each.name;
    EXPECT_LE(bytes->size(), *bytes_max) << each.name << " of " << each.body.size();
  }
}

TEST(CanonicalBytesMax, IsUnknownOfWhatIsCompressedAlsoWhereItIsDetected) {
  EXPECT_FALSE(canonical_bytes_max(ObjectFormat::npz, {}));
  EXPECT_FALSE(canonical_bytes_max(ObjectFormat::npz, bytes_of("a zip may begin with anything")));
  EXPECT_FALSE(canonical_bytes_max(ObjectFormat::automatic, bytes_of("PK\3\4 and so on")));
  EXPECT_FALSE(canonical_bytes_max(ObjectFormat::automatic, bytes_of("PK\5\6 and so on")));
  EXPECT_TRUE(canonical_bytes_max(ObjectFormat::automatic, bytes_of("1\n3.5\n")));
  EXPECT_TRUE(canonical_bytes_max(ObjectFormat::binary, bytes_of("PK\3\4 and so on"))) << "it is read as binary";
}

TEST(ForeignFormat, IsToldByTheSameBytesHoweverTheInputIsCut) {
  for (const std::string& json : {std::string("  {}"), std::string(kForeignBeginBytes, ' ') + "{}"}) {
    const std::span<const std::byte> whole = bytes_of(json);
    const std::size_t begin_bytes = std::min(whole.size(), kForeignBeginBytes);
    EXPECT_EQ(foreign_format_of(whole), foreign_format_of(whole.first(begin_bytes))) << json;
  }
}

std::string refusal(ObjectFormat format, std::string_view body) {
  std::string bytes;
  core::StringSink out(bytes);
  ObjectImporter intake({.format = format, .read = {}, .spool = {}}, out);
  core::Status read;
  for (std::size_t at = 0; read && at < body.size(); ++at) read = intake.put(bytes_of(body.substr(at, 1)));
  if (read) read = intake.finish();
  return read ? "" : read.error().what;
}

TEST(ObjectImporter, AFileThatIsNotInTheNamedFormatIsNamed) {
  const std::string gzip = "\x1f\x8b\x08" + std::string(64, '\x7e');
  for (const ObjectFormat format : {ObjectFormat::binary, ObjectFormat::b32, ObjectFormat::ascii, ObjectFormat::json,
                                    ObjectFormat::npy, ObjectFormat::safetensors}) {
    const std::string told = refusal(format, gzip);
    EXPECT_TRUE(told.ends_with("; this is a gzip file; unpack it first")) << name_of(format) << ": " << told;
  }
  const std::string array = npy("{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }", "x");
  EXPECT_TRUE(refusal(ObjectFormat::binary, array).ends_with("; this is a numpy array; name the format npy"));
  EXPECT_TRUE(
      refusal(ObjectFormat::json, safetensors("{}      ")).ends_with("; this is a safetensors file; name that format"));
}

/// What is wrong with the file itself says no more than where.
TEST(ObjectImporter, AFileInTheNamedFormatIsNotNamed) {
  const std::string cut = npy("{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }", "x").substr(0, 7);
  EXPECT_EQ(refusal(ObjectFormat::npy, cut), "the input ends before the npy header does");
  EXPECT_FALSE(refusal(ObjectFormat::safetensors, number(640, 8) + "{x").contains("this is"));
  EXPECT_FALSE(refusal(ObjectFormat::binary, number(9, 4)).contains("this is"));
}

}  // namespace
}  // namespace sconce::proto
