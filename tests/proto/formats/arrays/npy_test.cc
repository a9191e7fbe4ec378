#include "proto/formats/arrays/npy.h"

#include <gtest/gtest.h>

#include "tests/proto/reading.h"

namespace sconce::proto {
namespace {

using core::ErrorCode;

NpyReader make(core::EventSink& sink) { return NpyReader(sink); }

/// A file with that header, which is padded with one line end, and those bytes of elements.
std::string npy(const std::string& header, const std::string& elements, int version = 1) {
  const std::size_t size = header.size() + 1;
  std::string file = "\x93NUMPY";
  file += static_cast<char>(version);
  file += '\0';
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) file += static_cast<char>(size >> (8 * i) & 0xff);
  return file + header + '\n' + elements;
}

std::string dict(const std::string& descr, const std::string& shape, const std::string& fortran = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
}

std::string events_of(const std::string& file) { return tests::events_of(make, file); }

const std::string kFloats2x2 =
    "\ninstance 1 V 1 torch.FloatTensor\ntensor torch.FloatTensor 2 2 | 2 1 | 1\n"
    "instance 2 V 1 torch.FloatStorage\nstorage torch.FloatTensor 4\nelements f32 aaaabbbbccccdddd\nend\nend";

TEST(NpyReader, ReadsATensorInEveryVersion) {
  for (const int version : {1, 2, 3}) {
    EXPECT_EQ(events_of(npy(dict("<f4", "(2, 2)"), "aaaabbbbccccdddd", version)), kFloats2x2) << version;
  }
}

TEST(NpyReader, ReadsEverySpellingOfTheHeader) {
  for (const std::string header : {"{\"shape\":(2,2),\"fortran_order\":False,\"descr\":\"f4\"}",
                                   "{ 'descr' : '=f4' , 'shape' : ( 2L , 2L , ) ,\n'fortran_order':False,}   ",
                                   "\t{'fortran_order':False,'descr':'|f4','shape':(2, 2,)}"}) {
    EXPECT_EQ(events_of(npy(header, "aaaabbbbccccdddd")), kFloats2x2) << header;
  }
}

TEST(NpyReader, BigEndianElementsAreSwapped) {
  const std::string events = events_of(npy(dict(">i4", "(2,)"), std::string("\0\0\0\x01\x41\x42\x43\x44", 8)));
  EXPECT_NE(events.find(std::string("elements i32 \x01\0\0\0\x44\x43\x42\x41\n", 22)), std::string::npos) << events;
  std::string large;
  std::string swapped;
  for (int i = 0; i < 30'000; ++i) {
    large += {static_cast<char>(i >> 8 & 0xff), static_cast<char>(i & 0xff)};
    swapped += {static_cast<char>(i & 0xff), static_cast<char>(i >> 8 & 0xff)};
  }
  EXPECT_NE(events_of(npy(dict(">i2", "(30000,)"), large)).find("elements i16 " + swapped + "\nend"),
            std::string::npos);
}

TEST(NpyReader, FortranOrderBecomesStrides) {
  const std::string events = events_of(npy(dict("u1", "(2, 3, 4)", "True"), std::string(24, 'x')));
  EXPECT_NE(events.find("tensor torch.ByteTensor 2 3 4 | 1 2 6 | 1\n"), std::string::npos) << events;
}

TEST(NpyReader, WhatTorchLacksIsAnExtension) {
  EXPECT_EQ(events_of(npy(dict("|b1", "(2, 1)"), "ab")),
            "\ninstance 1 V 1 sconce.Tensor\ntable 2 3\nstring 5 inline dtype\nstring 4 inline BOOL\n"
            "string 5 inline shape\ntable 3 2\nnumber 4607182418800017408\nnumber 4611686018427387904\n"
            "number 4611686018427387904\nnumber 4607182418800017408\nend\nstring 4 inline data\n"
            "instance 4 V 1 torch.ByteTensor\ntensor torch.ByteTensor 2 | 1 | 1\n"
            "instance 5 V 1 torch.ByteStorage\nstorage torch.ByteTensor 2\nelements u8 ab\nend\nend\nend\nend");
  const std::string unsigned_events = events_of(npy(dict("<u8", "(1,)"), "12345678"));
  EXPECT_NE(unsigned_events.find("inline U64\n"), std::string::npos);
  EXPECT_NE(unsigned_events.find("elements i64 12345678\n"), std::string::npos);
}

TEST(NpyReader, FortranOrderOfAnExtensionIsTheStridesOfItsData) {
  const std::string events = events_of(npy(dict("<u2", "(2, 2)", "True"), "aabbccdd"));
  EXPECT_NE(events.find("tensor torch.ShortTensor 2 2 | 1 2 | 1\n"), std::string::npos) << events;
}

TEST(NpyReader, AnArrayWithoutDimensionsIsAnExtension) {
  const std::string events = events_of(npy(dict("<f8", "()"), "12345678"));
  EXPECT_NE(events.find("inline F64\nstring 5 inline shape\ntable 3 0\nend\n"), std::string::npos) << events;
  EXPECT_NE(events.find("tensor torch.DoubleTensor 1 | 1 | 1\n"), std::string::npos) << events;
}

TEST(NpyReader, AnArrayWithoutElementsIsATensor) {
  EXPECT_EQ(events_of(npy(dict("<f8", "(0, 3)"), "")),
            "\ninstance 1 V 1 torch.DoubleTensor\ntensor torch.DoubleTensor 0 3 | 3 1 | 1\n"
            "instance 2 V 1 torch.DoubleStorage\nstorage torch.DoubleTensor 0\nend\nend");
}

TEST(NpyReader, ReadsWhatTheHeaderWriterWrites) {
  for (const std::vector<std::int64_t>& shape : std::vector<std::vector<std::int64_t>>{{}, {4}, {2, 2}, {1, 0, 3}}) {
    for (int i = 0; i <= static_cast<int>(Dtype::u64); ++i) {
      const auto header = npy_header(static_cast<Dtype>(i), shape);
      if (!header) continue;
      EXPECT_EQ(header->size() % 64, 0U);
      const auto form = parse_npy_header(std::string_view(*header).substr(10));
      ASSERT_TRUE(form);
      EXPECT_EQ(form->dtype, static_cast<Dtype>(i));
      EXPECT_EQ(form->shape, shape);
    }
  }
  const std::string long_header = *npy_header(Dtype::f32, std::vector<std::int64_t>(1024, 1));
  EXPECT_EQ(long_header.size() % 64, 0U);
  EXPECT_NE(events_of(long_header + "aaaa").find("elements f32 aaaa\nend\nend"), std::string::npos);
}

TEST(NpyHeader, ATypeThatNumpyLacksIsRefusedByName) {
  for (const Dtype dtype : {Dtype::bf16, Dtype::f8_e4m3, Dtype::f8_e8m0, Dtype::f4}) {
    const auto header = npy_header(dtype, std::vector<std::int64_t>{2});
    ASSERT_FALSE(header);
    EXPECT_EQ(header.error().code, ErrorCode::unrepresentable);
    EXPECT_NE(header.error().what.find(name_of(dtype)), std::string::npos);
  }
}

TEST(NpyReader, RefusesWhatIsNoNpy) {
  const auto refused = [](const std::string& file, ErrorCode code, std::uint64_t offset, std::string_view says) {
    tests::expect_refused(make, file, code, offset, says);
  };
  refused("PK\3\4", ErrorCode::malformed, 0, "not a .npy");
  refused("\x93NUMPx", ErrorCode::malformed, 5, "not a .npy");
  refused(std::string("\x93NUMPY\4\0", 8), ErrorCode::malformed, 6, "version is 4");
  refused(std::string("\x93NUMPY\0\0", 8), ErrorCode::malformed, 6, "version is 0");
  refused(std::string("\x93NUMPY\1\1", 8), ErrorCode::malformed, 7, "minor");
  refused(std::string("\x93NUMPY\2\0\1\0\1\0", 12), ErrorCode::limit_exceeded, 11, "has 65537 bytes");
  refused(std::string("\x93NUMPY\1\0\0\0", 10), ErrorCode::malformed, 9, "empty");
}

TEST(NpyReader, RefusesHeadersThatAreWrong) {
  const auto refused = [](const std::string& header, std::uint64_t at, std::string_view says,
                          ErrorCode code = ErrorCode::malformed) {
    tests::expect_refused(make, npy(header, ""), code, 10 + at, says);
  };
  refused("[1]", 0, "begins with {");
  refused("{'descr' '<f4'}", 9, "colon");
  refused("{'descr': '<f4' 'shape': ()}", 16, "commas");
  refused("{'descr': '<f4', 'descr': '<f4'}", 24, "stands twice");
  refused("{'kind': '<f4'}", 7, "other than");
  refused("{'descr': '<f4'}", 17, "needs descr");
  refused(dict("<f4", "()") + " x", 56, "behind the dictionary");
  refused("{'descr': '<f4", 11, "does not end");
  refused("{'descr': '<\\x664'}", 11, "escapes");
  refused("{'descr': 4}", 10, "a string is expected");
  refused("{'fortran_order': 1}", 18, "True or False");
  refused("{'shape': 3}", 10, "begins with (");
  refused("{'shape': (3)}", 13, "ends with a comma");
  refused("{'shape': (3 4)}", 13, "between commas");
  refused("{'shape': (-1,)}", 11, "from 0 to");
  refused("{'shape': (9223372036854775808,)}", 11, "from 0 to");
  refused("{'shape': (,)}", 11, "from 0 to");
  refused("{'shape': (1,", 14, "from 0 to");
  refused(dict("<f4", "(4294967296, 4294967296)"), 0, "multiply to more");
  refused(dict("<f4", "(0, 4294967296, 4294967296)"), 0, "multiply to more");
  refused(dict("|u1", "(9007199254740993, 0)"), 0, "has the size");
  std::string ones;
  for (int i = 0; i < 1025; ++i) ones += "1,";
  refused(dict("<f4", "(" + ones + ")"), 0, "1025 dimensions", ErrorCode::limit_exceeded);
}

TEST(NpyReader, RefusesTypesByName) {
  for (const std::string type : {"|c8x", "<c32", "|O", "<U5", "|S3", "|V8", "<M8[ns]", "<f16", "", "<"}) {
    tests::expect_refused(make, npy(dict(type, "(1,)"), ""), ErrorCode::unrepresentable, 22 + type.size(),
                          "of type " + type);
  }
  tests::expect_refused(make, npy("{'descr': [('a', '<f4')]}", ""), ErrorCode::unrepresentable, 20, "have fields");
}

TEST(NpyReader, WhatMlDtypesAndComplexNumbersAreWrittenAsIsKept) {
  struct Row {
    std::string descr;
    std::string dtype;
    std::string elements;
  };
  for (const Row& row : {Row{"|V1", "V1", "u8 a"}, Row{"|V2", "V2", "i16 ab"}, Row{"<f1", "F8_E5M2", "u8 a"},
                         Row{"<c8", "C64", "i32 abcdefgh"}, Row{"<c16", "C128", "i64 abcdefghijklmnop"}}) {
    const std::string data = row.elements.substr(row.elements.find(' ') + 1);
    const std::string events = events_of(npy(dict(row.descr, "(1,)"), data));
    EXPECT_NE(events.find("inline " + row.dtype + '\n'), std::string::npos) << events;
    EXPECT_NE(events.find("elements " + row.elements + '\n'), std::string::npos) << events;
    const auto header = npy_header(*dtype_from_name(row.dtype), std::vector<std::int64_t>{1});
    ASSERT_TRUE(header);
    EXPECT_NE(header->find("'" + row.descr + "'"), std::string::npos) << *header;
  }
}

/// Each part of a complex number has its own bytes.
TEST(NpyReader, ComplexNumbersInBigEndianAreSwappedByParts) {
  const std::string events = events_of(npy(dict(">c8", "(1,)"), "abcdefgh"));
  EXPECT_NE(events.find("elements i32 dcbahgfe\n"), std::string::npos) << events;
}

TEST(NpyReader, ComplexNumbersInFortranOrderHaveStrides) {
  const std::string file = npy("{'descr': '<c8', 'fortran_order': True, 'shape': (1, 2)}", "aaaabbbbccccdddd");
  const std::string events = events_of(file);
  EXPECT_NE(events.find("tensor torch.IntTensor 1 2 2 | 2 2 1 | 1\n"), std::string::npos) << events;
}

TEST(NpyReader, TheElementsMustFillTheShape) {
  const std::string file = npy(dict("<i2", "(3,)"), "aabbcc");
  for (std::size_t size = 0; size < file.size(); ++size) {
    tests::expect_refused(make, file.substr(0, size), ErrorCode::truncated, size, "");
  }
  tests::expect_refused(make, file + "d", ErrorCode::trailing_bytes, file.size(), "behind the elements");
}

}  // namespace
}  // namespace sconce::proto
