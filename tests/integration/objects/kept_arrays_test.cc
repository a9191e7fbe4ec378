// Arrays of types that Torch lacks: every operation on tensors works on them, by numpy's meaning.

#include "tests/hostile/wire.h"
#include "tests/integration/objects/served_objects.h"

namespace sconce::tests {
namespace {

using nlohmann::json;

/// A file of one tensor, `w`.
std::string safetensors(const std::string& dtype, const json& shape, const std::string& data) {
  const json header = {{"w", {{"dtype", dtype}, {"shape", shape}, {"data_offsets", {0, data.size()}}}}};
  const std::string text = header.dump();
  return Wire().i64(std::ssize(text)).raw(text).raw(data).bytes();
}

std::string npy(const std::string& descr, const std::string& shape, const std::string& data,
                const std::string& order = "False") {
  std::string header = "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
  header.append((64 - (10 + header.size() + 1) % 64) % 64, ' ');
  header += '\n';
  return std::string("\x93NUMPY\1\0", 8) + static_cast<char>(header.size()) + '\0' + header + data;
}

class KeptArraysOverHttp : public ServedObjects {
 protected:
  HttpResponse stack(const json& items, const std::string& format) {
    const json body = {{"items", items}, {"as", "stack"}, {"format", format}};
    return send({.method = "POST", .target = "/v1/batch/get", .fields = {}, .body = body.dump()});
  }
  /// The row of the tensor in the header of a safetensors file, and the elements.
  static std::pair<json, std::string> parsed(const std::string& file) {
    const auto header_bytes = static_cast<unsigned char>(file.at(0));
    return {json::parse(file.substr(8, header_bytes)).begin().value(), file.substr(8 + header_bytes)};
  }
  std::pair<json, std::string> sliced(const std::string& slice) {
    return parsed(body_of("m", {{"path", "w"}, {"slice", slice}, {"format", "safetensors"}}));
  }
};

struct Kind {
  const char* dtype;
  std::size_t width;
};
constexpr Kind kKinds[] = {{"BOOL", 1},        {"U16", 2},         {"U32", 4},     {"U64", 8},
                           {"BF16", 2},        {"F8_E4M3", 1},     {"F8_E5M2", 1}, {"F8_E8M0", 1},
                           {"F8_E4M3FNUZ", 1}, {"F8_E5M2FNUZ", 1}, {"C64", 8}};

/// `count` elements of `width` bytes, of which each byte says where it is.
std::string elements_of(std::size_t count, std::size_t width) {
  std::string bytes;
  for (std::size_t i = 0; i < count * width; ++i) bytes += static_cast<char>('A' + i);
  return bytes;
}

std::string picked(const std::string& bytes, std::size_t width, const std::vector<std::size_t>& places) {
  std::string some;
  for (const std::size_t place : places) some += bytes.substr(place * width, width);
  return some;
}

TEST_F(KeptArraysOverHttp, SlicesAreNumpysInEveryType) {
  for (const auto& [dtype, width] : kKinds) {
    SCOPED_TRACE(dtype);
    const std::string data = elements_of(6, width);
    put("m", safetensors(dtype, {2, 3}, data));
    const auto expect = [&](const std::string& slice, const json& shape, const std::vector<std::size_t>& places) {
      const auto [row, bytes] = sliced(slice);
      EXPECT_EQ(row.at("dtype"), dtype) << slice;
      EXPECT_EQ(row.at("shape"), shape) << slice;
      EXPECT_EQ(bytes, picked(data, width, places)) << slice;
    };
    expect("0:1", {1, 3}, {0, 1, 2});
    expect("1", {3}, {3, 4, 5});
    expect(":,1", {2}, {1, 4});
    expect("...,::-2", {2, 2}, {2, 0, 5, 3});
    expect("1,2", {1}, {5});
    expect("2:", {0, 3}, {});
    expect_problem(get("m", {{"path", "w"}, {"slice", "0,0,0"}}), {400, "invalid_argument", "w", "2 dimensions"});
    const std::string part = body_of("m", {{"path", "w"}, {"slice", ":,1"}});
    put("part", part);
    EXPECT_EQ(parsed(body_of("part", {{"format", "safetensors"}})).second, picked(data, width, {1, 4}));
  }
}

TEST_F(KeptArraysOverHttp, TheyStackAndKeepTheirType) {
  for (const auto& [dtype, width] : kKinds) {
    SCOPED_TRACE(dtype);
    const std::string data = elements_of(6, width);
    put("m", safetensors(dtype, {2, 3}, data));
    const HttpResponse got =
        stack({{{"key", "m"}, {"path", "w"}, {"slice", "1"}}, {{"key", "m"}, {"path", "w"}, {"slice", "0,::-1"}}},
              "safetensors");
    ASSERT_EQ(got.status, 200U) << got.body;
    const auto [row, bytes] = parsed(got.body);
    EXPECT_EQ(row.at("dtype"), dtype);
    EXPECT_EQ(row.at("shape"), (json{2, 3}));
    EXPECT_EQ(bytes, picked(data, width, {3, 4, 5, 2, 1, 0}));
  }
  put("bf", safetensors("BF16", {1}, "ab"));
  put("u", safetensors("U16", {1}, "ab"));
  expect_problem(
      stack({{{"key", "bf"}, {"path", "w"}}, {{"key", "u"}, {"path", "w"}}}, "npy"),
      {422, "unrepresentable", nullptr, "a sconce.Tensor (U16) of 1 does not stack with a sconce.Tensor (BF16) of 1"});
}

TEST_F(KeptArraysOverHttp, OutlinesSayTheirTypeAndSizes) {
  put("m", safetensors("BF16", {2, 3}, "aabbccddeeff"));
  const json rows = json::parse(body_of("m", {{"view", "outline"}}));
  EXPECT_EQ(rows.at(1).at("path"), "w");
  EXPECT_EQ(rows.at(1).at("kind"), "instance");
  EXPECT_EQ(rows.at(1).at("dtype"), "BF16");
  EXPECT_EQ(rows.at(1).at("sizes"), (json{2, 3}));
  put("scalar", npy("<f8", "()", "12345678"));
  const json scalar = json::parse(body_of("scalar", {{"view", "outline"}}));
  EXPECT_EQ(scalar.at(0).at("dtype"), "F64");
  EXPECT_EQ(scalar.at(0).at("sizes"), json::array());
  put("odd", Wire().instance(1, "sconce.Tensor").table(2, 1).string("dtype").string("BF16").bytes());
  EXPECT_FALSE(json::parse(body_of("odd", {{"view", "outline"}})).at(0).contains("dtype"));
}

TEST_F(KeptArraysOverHttp, PlainJsonHasTheirValues) {
  const Parameters plain = {{"path", "w"}, {"format", "json"}, {"style", "plain"}};
  struct Row {
    const char* dtype;
    json shape;
    std::string data;
    const char* text;
  };
  const Row rows[] = {
      {"BF16", {2}, std::string("\x80\x3f\x00\xc0", 4), "[1,-2]\n"},
      {"BOOL", {3}, std::string("\1\0\2", 3), "[true,false,true]\n"},
      {"F8_E4M3", {2}, "\x38\x40", "[1,2]\n"},
      {"F8_E8M0", {3}, "\x7f\x80\xff", "[1,2,null]\n"},
      {"F4", {2, 2}, "\x21\x7f", "[[0.5,1],[-6,6]]\n"},
      {"U16", {1}, "\xff\xff", "[65535]\n"},
      {"U64", {1}, std::string(8, '\xff'), "[18446744073709551615]\n"},
      {"C64", {1, 1}, std::string("\0\0\x80\x3f\0\0\0\x40", 8), "[[[1,2]]]\n"},
      {"F32", json::array(), std::string("\0\0\x80\x3f", 4), "1\n"},
      {"BF16", {0, 2}, "", "[]\n"},
  };
  for (const Row& row : rows) {
    put("m", safetensors(row.dtype, row.shape, row.data));
    EXPECT_EQ(body_of("m", plain), row.text) << row.dtype;
  }
  put("odd", Wire().instance(1, "sconce.Tensor").table(2, 1).string("dtype").string("BF16").bytes());
  EXPECT_EQ(body_of("odd", {{"format", "json"}, {"style", "plain"}}), "{\"dtype\":\"BF16\"}\n");
}

TEST_F(KeptArraysOverHttp, ArraysWithoutDimensionsStack) {
  put("s", npy("<f8", "()", Wire().f64(1.5).bytes()));
  put("t", npy("<f8", "()", Wire().f64(2).bytes()));
  const HttpResponse got = stack({{{"key", "s"}}, {{"key", "t"}}}, "ascii");
  EXPECT_EQ(got.status, 200U) << got.body;
  EXPECT_NE(got.body.find("torch.DoubleTensor\n1\n2\n1\n1\n"), std::string::npos) << got.body;
  EXPECT_TRUE(got.body.ends_with("1.5 2\n")) << got.body;
  EXPECT_EQ(body_of("s", {{"format", "json"}, {"style", "plain"}}), "1.5\n");
  EXPECT_EQ(body_of("s", {{"slice", "..."}, {"format", "npy"}}), body_of("s", {{"format", "npy"}}));
  expect_problem(get("s", {{"slice", "0"}}), {400, "invalid_argument", "", "0 dimensions"});
}

TEST_F(KeptArraysOverHttp, SafetensorsOfNewTypesComeBackAsTheyWere) {
  for (const std::string dtype : {"F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "F4", "C64"}) {
    const std::string data = "abcdefgh";
    const json shape = dtype == "F4" ? json{4, 4} : dtype == "C64" ? json{1} : json{2, 4};
    const std::string file = safetensors(dtype, shape, data);
    put("m", file);
    for (const std::string through : {"binary", "ascii", "json", "safetensors"}) {
      put("m", body_of("m", {{"format", through}}), {{"format", through}});
      const auto [row, bytes] = parsed(body_of("m", {{"format", "safetensors"}}));
      EXPECT_EQ(row, (json{{"dtype", dtype}, {"shape", shape}, {"data_offsets", {0, 8}}})) << through;
      EXPECT_EQ(bytes, data) << through;
    }
  }
}

TEST_F(KeptArraysOverHttp, ASliceDoesNotCutAByte) {
  put("m", safetensors("F4", {2, 4}, "abcd"));
  EXPECT_EQ(sliced("1"),
            std::pair(json({{"dtype", "F4"}, {"shape", {4}}, {"data_offsets", {0, 2}}}), std::string("cd")));
  EXPECT_EQ(sliced(":,2:").second, "bd");
  EXPECT_EQ(sliced("::-1").second, "cdab");
  EXPECT_EQ(sliced("0:0").second, "");
  EXPECT_EQ(sliced("1,2:4").second, "d");
  for (const char* slice : {":,1:3", ":,0", "0,0", "...,::-1", "...,::2", ":,:3"}) {
    expect_problem(get("m", {{"path", "w"}, {"slice", slice}}),
                   {400, "invalid_argument", "w", "the slice cuts a byte"});
  }
}

TEST_F(KeptArraysOverHttp, NpyOfBitsAndComplexNumbersComesBackAsItWas) {
  const std::pair<std::string, std::string> rows[] = {
      {"|V1", "abcd"}, {"|V2", "aabbccdd"}, {"<f1", "abcd"}, {"<c8", elements_of(4, 8)}, {"<c16", elements_of(4, 16)}};
  for (const auto& [descr, data] : rows) {
    const std::string file = npy(descr, "(2, 2)", data);
    put("a", file);
    EXPECT_EQ(body_of("a", {{"format", "npy"}}), file) << descr;
    const std::size_t width = data.size() / 4;
    EXPECT_EQ(body_of("a", {{"format", "npy"}, {"slice", ":,::-1"}}),
              npy(descr, "(2, 2)", picked(data, width, {1, 0, 3, 2})));
    put("a", npy(descr, "(2, 2)", data, "True"));
    EXPECT_EQ(body_of("a", {{"format", "npy"}}), npy(descr, "(2, 2)", picked(data, width, {0, 2, 1, 3}))) << descr;
    EXPECT_EQ(body_of("a", {{"format", "npy"}, {"slice", "1"}}), npy(descr, "(2,)", picked(data, width, {1, 3})));
  }
  expect_problem(get("a", {{"format", "safetensors"}}), {422, "unrepresentable", "", "C128"});
}

/// Hand-made: two dimensions of `data` that are not those of `shape`.
TEST_F(KeptArraysOverHttp, DataOfOtherDimensionsIsRefusedWhereItMatters) {
  const auto kept = [](std::int64_t stride) {
    Wire wire;
    wire.instance(1, "sconce.Tensor").table(2, 3).string("dtype").string("BOOL").string("shape").table(3, 1);
    wire.number(1).number(4).string("data").instance(4, "torch.ByteTensor").i32(2).i64(2).i64(2).i64(stride).i64(1);
    return wire.i64(1).instance(5, "torch.ByteStorage").i64(5).raw("abcde").bytes();
  };
  put("one", kept(2));
  EXPECT_EQ(parsed(body_of("one", {{"slice", "1:3"}, {"format", "safetensors"}})).second, "bc");
  put("two", kept(3));
  EXPECT_EQ(parsed(body_of("two", {{"format", "safetensors"}})).second, "abde");
  expect_problem(get("two", {{"slice", "1:3"}}), {422, "unrepresentable", "", "cannot be sliced"});
}

}  // namespace
}  // namespace sconce::tests
