// Objects that come in one format and go in another: Torch's, json, npy, npz, safetensors.

#include "tests/hostile/wire.h"
#include "tests/integration/objects/served_objects.h"
#include "tests/support/tar.h"

namespace sconce::tests {
namespace {

namespace tag = core::tag;
using nlohmann::json;

class InterchangeOverHttp : public ServedObjects {
 protected:
  InterchangeOverHttp() : ServedObjects({"--body-bytes-max", "10000000"}) {}

  HttpResponse convert(const std::string& body, const Parameters& parameters) {
    return send({.method = "POST", .target = "/v1/convert" + query_of(parameters), .fields = {}, .body = body});
  }
};

Wire& add_matrix(Wire& wire, std::int32_t index) {
  wire.instance(index, "torch.FloatTensor").i32(2).i64(2).i64(3).i64(3).i64(1).i64(1);
  wire.instance(index + 1, "torch.FloatStorage").i64(6);
  for (const float value : {0.5F, -1.0F, 3e38F, 1e-45F, 0.0F, 7.0F}) wire.i32(std::bit_cast<std::int32_t>(value));
  return wire;
}

/// A table of tensors, as all formats but npy can say it.
std::string tensors() {
  Wire wire;
  wire.table(1, 2).string("layer.w");
  add_matrix(wire, 2).string("ids").instance(4, "torch.LongTensor").i32(1).i64(2).i64(1).i64(1);
  return wire.instance(5, "torch.LongStorage").i64(2).i64(-1).i64((std::int64_t{1} << 40) + 1).bytes();
}

std::string safetensors(const json& header, const std::string& data) {
  std::string text = header.dump();
  return Wire().i64(std::ssize(text)).raw(text).raw(data).bytes();
}

TEST_F(InterchangeOverHttp, ATableOfTensorsGoesFromEachFormatToEach) {
  const std::string formats[] = {"binary", "ascii", "json", "npz", "safetensors"};
  put("first", tensors());
  for (const std::string& from : formats) {
    put("second", body_of("first", {{"format", from}}), {{"format", from}});
    for (const std::string& to : formats) {
      EXPECT_TRUE(body_of("second", {{"format", to}}) == body_of("first", {{"format", to}})) << from << " to " << to;
    }
  }
}

TEST_F(InterchangeOverHttp, ATensorGoesFromEachFormatToEach) {
  const std::string formats[] = {"binary", "ascii", "b32", "json", "npy"};
  Wire wire;
  put("first", add_matrix(wire, 1).bytes());
  for (const std::string& from : formats) {
    put("second", body_of("first", {{"format", from}}), {{"format", from}});
    for (const std::string& to : formats) {
      EXPECT_TRUE(body_of("second", {{"format", to}}) == body_of("first", {{"format", to}})) << from << " to " << to;
    }
  }
}

TEST_F(InterchangeOverHttp, MediaTypesNameTheFormats) {
  const std::pair<std::string, std::string> types[] = {
      {"json", "application/json"}, {"npz", "application/x-npz"}, {"safetensors", "application/x-safetensors"}};
  put("first", tensors());
  for (const auto& [format, type] : types) {
    SCOPED_TRACE(format);
    const HttpResponse got = get("first", {}, {"Accept: " + type});
    EXPECT_EQ(got.field("content-type"), type);
    EXPECT_TRUE(got.body == body_of("first", {{"format", format}}));
    const HttpRequest back{
        .method = "PUT", .target = "/v1/objects/back", .fields = {"Content-Type: " + type}, .body = got.body};
    EXPECT_LT(send(back).status, 300U);
    EXPECT_EQ(body_of("back"), tensors());
  }
  expect_problem(get("first", {}, {"Accept: application/x-npy"}), {422, "unrepresentable", ""});
  EXPECT_EQ(get("first", {{"path", "ids"}}, {"Accept: application/x-npy"}).field("content-type"), "application/x-npy");
}

TEST_F(InterchangeOverHttp, TheFormatIsFoundWithoutBeingNamed) {
  put("first", tensors());
  put("matrix", body_of("first", {{"path", "ids"}}));
  for (const std::string format : {"json", "npz", "safetensors"}) {
    put("found", body_of("first", {{"format", format}}));
    EXPECT_EQ(body_of("found"), tensors()) << format;
  }
  put("found", body_of("matrix", {{"format", "npy"}}));
  EXPECT_EQ(body_of("found"), body_of("matrix"));
  for (const char* text : {"null", "true", "\"text\"", "{\"table\":1,\"count\":0,\"pairs\":[]}"}) {
    put("found", text);
    EXPECT_EQ(body_of("found", {{"format", "json"}}), std::string(text) + '\n');
  }
}

TEST_F(InterchangeOverHttp, SafetensorsOfTypesThatTorchLacksComeBackAsTheyWere) {
  const json header = {{"bf", {{"dtype", "BF16"}, {"shape", {2, 1}}, {"data_offsets", {0, 4}}}},
                       {"bool", {{"dtype", "BOOL"}, {"shape", {3}}, {"data_offsets", {4, 7}}}},
                       {"f8", {{"dtype", "F8_E4M3"}, {"shape", {1}}, {"data_offsets", {7, 8}}}},
                       {"scalar", {{"dtype", "F32"}, {"shape", json::array()}, {"data_offsets", {8, 12}}}},
                       {"u64", {{"dtype", "U64"}, {"shape", {1}}, {"data_offsets", {12, 20}}}},
                       {"void", {{"dtype", "F32"}, {"shape", {0, 4}}, {"data_offsets", {20, 20}}}},
                       {"__metadata__", {{"format", "pt"}, {"note", "\xc3\xa4\n"}}}};
  const std::string data("bfBF\1\0\1f\0\0\x80\x3f\xff\xff\xff\xff\xff\xff\xff\xff", 20);
  put("st", safetensors(header, data));
  for (const std::string through : {"binary", "ascii", "json", "safetensors"}) {
    put("st", body_of("st", {{"format", through}}), {{"format", through}});
    const std::string file = body_of("st", {{"format", "safetensors"}});
    ASSERT_GE(file.size(), data.size() + 8);
    EXPECT_EQ(file.substr(file.size() - data.size()), data) << through;
    EXPECT_EQ(json::parse(file.substr(8, file.size() - 8 - data.size())), header) << through;
  }
  EXPECT_EQ(body_of("st", {{"path", "__metadata__.format"}, {"format", "ascii"}}), "2\n2\npt\n");
  EXPECT_EQ(body_of("st", {{"path", "bf.dtype"}, {"format", "ascii"}}), "2\n4\nBF16\n");
  expect_problem(get("st", {{"path", "bf"}, {"format", "npy"}}), {422, "unrepresentable", "bf", "BF16"});
  expect_problem(get("st", {{"format", "npz"}}), {422, "unrepresentable", "", "__metadata__"});
  EXPECT_NE(body_of("st", {{"path", "bool"}, {"format", "npy"}}).find("'|b1'"), std::string::npos);
  EXPECT_NE(body_of("st", {{"path", "scalar"}, {"format", "npy"}}).find("'shape': ()"), std::string::npos);
}

TEST_F(InterchangeOverHttp, TheFirstPartThatAFormatCannotSayIsNamed) {
  Wire wire;
  wire.table(1, 2).string("m").table(2, 3).string("w");
  add_matrix(wire, 3).string("none").nil().string("lr").number(0.1);
  put("model", wire.string("name").string("x").bytes());
  for (const std::string format : {"safetensors", "npz"}) {
    expect_problem(get("model", {{"format", format}}), {422, "unrepresentable", "m.lr", "a number"});
    expect_problem(get("model", {{"format", format}, {"path", "m"}}), {422, "unrepresentable", "m.lr", "a number"});
    expect_problem(get("model", {{"format", format}, {"path", "name"}}), {422, "unrepresentable", "name", "a string"});
  }
  expect_problem(get("model", {{"format", "npy"}, {"path", "m.lr"}}), {422, "unrepresentable", "m.lr", "a number"});
  expect_problem(get("model", {{"format", "npy"}}), {422, "unrepresentable", "", "a table"});
  put("cycle", Wire().table(1, 1).string("x").table(2, 1).number(1).again(tag::kTable, 1).bytes());
  expect_problem(get("cycle", {{"format", "safetensors"}}), {422, "unrepresentable", "x[1]", "contains itself"});
  put("key", Wire().table(1, 1).table(2, 0).nil().bytes());
  put("key", Wire().table(1, 1).table(2, 0).number(1).bytes());
  expect_problem(get("key", {{"format", "npz"}}), {422, "unrepresentable", ""});
  put("f", read_golden("func_plain.binary.ref.t7"));
  expect_problem(get("f", {{"format", "json"}, {"style", "plain"}}), {422, "unrepresentable", ""});
  put("twice", Wire().table(1, 0).bytes());
  EXPECT_EQ(get("twice", {{"format", "safetensors"}}).status, 200U) << "no tensors are no error";
}

TEST_F(InterchangeOverHttp, ScalarsThatAClassWritesAreNotDropped) {
  const std::string stored = "4\n2\n3\nV 1\n19\ntorch.ZFloatStorage\n2\n1\n2\n3\n4\n";
  put("z", "3\n1\n1\n2\n1\na\n" + stored, {{"format", "ascii"}});
  for (const std::string format : {"safetensors", "npz"}) {
    expect_problem(get("z", {{"format", format}}), {422, "unrepresentable", "a", "torch.ZFloatStorage"});
    expect_problem(get("z", {{"format", format}, {"path", "a"}}), {422, "unrepresentable", "a", "torch.ZFloatStorage"});
    expect_problem(convert(stored, {{"to", format}}), {422, "unrepresentable", "", "torch.ZFloatStorage"});
  }
}

TEST_F(InterchangeOverHttp, BytesAroundAnNpzAreRefused) {
  put("t", tensors());
  const std::string npz = body_of("t", {{"format", "npz"}});
  const auto refused = [&](const std::string& body, const std::string& query) {
    return send({.method = "PUT", .target = "/v1/objects/b" + query, .fields = {}, .body = body});
  };
  expect_problem(refused(npz + "xyz", ""), {400, "trailing_bytes", nullptr, "3 bytes"});
  expect_problem(refused("xyz" + npz, "?format=npz"), {400, "malformed", nullptr, "3 bytes"});
  expect_problem(refused(npz + npz, ""), {400, "malformed", nullptr, std::to_string(npz.size()) + " bytes"});
  EXPECT_EQ(get("b").status, 404U);
}

TEST_F(InterchangeOverHttp, TwoTensorsOfOneNameAreRefused) {
  Wire wire;
  wire.table(1, 2).string("a.b");
  add_matrix(wire, 2).string("a").table(4, 1).string("b");
  put("twins", add_matrix(wire, 5).bytes());
  for (const std::string format : {"safetensors", "npz"}) {
    expect_problem(get("twins", {{"format", format}}), {422, "unrepresentable", "", "`a.b`"});
  }
}

TEST_F(InterchangeOverHttp, WhatIsSharedIsWrittenForEachName) {
  Wire wire;
  wire.table(1, 2).string("a");
  put("tied", add_matrix(wire, 2).string("b").again(tag::kInstance, 2).bytes());
  put("back", body_of("tied", {{"format", "safetensors"}}));
  EXPECT_EQ(body_of("back", {{"path", "a"}}), body_of("back", {{"path", "b"}}));
  EXPECT_EQ(body_of("back", {{"path", "b"}}), body_of("tied", {{"path", "a"}}));
}

/// {{{…}, {…}}, the first again}: n tables that would be written 2^n times.
TEST_F(InterchangeOverHttp, TablesThatShareOneAnotherAreBounded) {
  constexpr std::int32_t kLevels = 60;
  Wire wire;
  for (std::int32_t level = 1; level < kLevels; ++level) wire.table(level, 2).number(1);
  wire.table(kLevels, 0);
  for (std::int32_t level = kLevels; level > 1; --level) wire.number(2).again(tag::kTable, level);
  put("bomb", wire.bytes());
  for (const std::string format : {"safetensors", "npz"}) {
    expect_problem(get("bomb", {{"format", format}}), {422, "limit_exceeded"});
  }
}

/// A shape is looked up number by number.
TEST_F(InterchangeOverHttp, AShapeOfManyDimensionsIsRefused) {
  Wire wire;
  wire.table(1, 1).string("w").instance(2, "sconce.Tensor").table(3, 3).string("dtype").string("U16");
  wire.string("shape").table(4, 100'000);
  for (int d = 1; d <= 100'000; ++d) wire.number(d).number(1);
  wire.string("data").instance(5, "torch.ShortTensor").i32(1).i64(1).i64(1).i64(1);
  put("wide", wire.instance(6, "torch.ShortStorage").i64(1).raw("xx").bytes());
  expect_problem(get("wide", {{"format", "safetensors"}}), {422, "unrepresentable", "w", "sconce.Tensor"});
}

TEST_F(InterchangeOverHttp, NamesThatGrowWithTheirDepthAreBounded) {
  constexpr std::int32_t kDepth = 3'000;
  Wire wire;
  for (std::int32_t level = 0; level < kDepth; ++level) {
    wire.table(2 * level + 1, 2).string("t").instance(2 * level + 2, "torch.ByteTensor").i32(0).i64(1).nil();
    wire.string(std::string(100, 'k'));
  }
  put("deep", wire.nil().bytes());
  for (const std::string format : {"safetensors", "npz"}) {
    expect_problem(get("deep", {{"format", format}}), {422, "limit_exceeded"});
  }
}

TEST_F(InterchangeOverHttp, WhatIsCutOffIsRefusedAndNothingIsStored) {
  put("first", tensors());
  const std::pair<std::string, std::string> bodies[] = {
      {"json", body_of("first", {{"format", "json"}})},
      {"npz", body_of("first", {{"format", "npz"}})},
      {"safetensors", body_of("first", {{"format", "safetensors"}})},
      {"npy", body_of("first", {{"path", "ids"}, {"format", "npy"}})}};
  for (const auto& [format, body] : bodies) {
    for (std::size_t size = 1; size + 1 < body.size(); size += 1 + size / 8) {
      SCOPED_TRACE(format + " cut at " + std::to_string(size));
      const HttpRequest cut{.method = "PUT",
                            .target = "/v1/objects/cut" + query_of({{"format", format}}),
                            .fields = {},
                            .body = body.substr(0, size)};
      const HttpResponse refused = http(server_.port(), cut);
      EXPECT_EQ(refused.status, 400U) << refused.body;
    }
  }
  EXPECT_EQ(get("cut").status, 404U);
}

TEST_F(InterchangeOverHttp, WhatStandsBehindIsRefused) {
  put("first", tensors());
  for (const std::string format : {"json", "safetensors"}) {
    const std::string body = body_of("first", {{"format", format}}) + 'x';
    const HttpRequest request{
        .method = "PUT", .target = "/v1/objects/x" + query_of({{"format", format}}), .fields = {}, .body = body};
    const HttpResponse refused = http(server_.port(), request);
    EXPECT_EQ(refused.status, 400U) << refused.body;
    EXPECT_EQ(json::parse(refused.body).at("offset"), body.size() - 1);
  }
}

TEST_F(InterchangeOverHttp, ConvertTakesPartsAndSlices) {
  const HttpResponse npy = convert(tensors(), {{"to", "npy"}, {"path", "[\"layer.w\"]"}, {"slice", "1,::-1"}});
  EXPECT_EQ(npy.status, 200U);
  EXPECT_EQ(npy.field("content-type"), "application/x-npy");
  ASSERT_EQ(npy.body.size(), 128U + 12U);
  EXPECT_EQ(npy.body.substr(128, 4), Wire().i32(std::bit_cast<std::int32_t>(7.0F)).bytes());
  const HttpResponse plain = convert(npy.body, {{"from", "npy"}, {"to", "json"}, {"style", "plain"}});
  EXPECT_EQ(plain.body, "[7,0,1e-45]\n");
  expect_problem(convert(tensors(), {{"to", "npy"}, {"path", "x"}}), {404, "not_found", "", "no part x"});
  expect_problem(convert(tensors(), {{"to", "npy"}, {"path", "ids"}, {"slice", "2"}}),
                 {400, "invalid_argument", "ids"});
  expect_problem(convert(tensors(), {{"to", "npy"}}), {422, "unrepresentable", ""});
  expect_problem(convert(tensors(), {{"to", "b32"}}), {422, "unrepresentable", "ids"});
}

/// By PUT, convert and batches, whether their format is detected or named.
TEST_F(InterchangeOverHttp, AFileOfOtherProgramsIsNamedWithWhatToDo) {
  const std::pair<std::string, std::string> files[] = {
      {read_golden("foreign/zip.t7"),
       "a zip of PyTorch's torch.save; load it in PyTorch, and save its tensors with safetensors"},
      {read_golden("foreign/legacy.t7"),
       "a PyTorch file (pickle) of torch.save; load it in PyTorch, and save its tensors with safetensors"},
      {"\x1f\x8b\x08 and more", "a gzip file; unpack it first"},
      {"\xef\xbb\xbf{}", "text with a byte order mark; save it as UTF-8 without one"}};
  const auto refused = [this](const std::string& method, const std::string& target, const std::string& body) {
    const HttpResponse response = send({.method = method, .target = target, .fields = {}, .body = body});
    EXPECT_EQ(response.status, 400U) << response.body;
    return json::parse(response.body).at("detail").get<std::string>();
  };
  for (const auto& [body, sentence] : files) {
    EXPECT_EQ(refused("PUT", "/v1/objects/a", body), "this is " + sentence);
    EXPECT_EQ(refused("POST", "/v1/convert?to=json", body), "this is " + sentence);
    const std::string tar = tar_entry("a", body) + tar_end();
    EXPECT_EQ(refused("POST", "/v1/batch/commit", tar), "the entry `a`: this is " + sentence);
    for (const std::string format : {"binary", "b32", "ascii", "json", "npy", "safetensors"}) {
      const std::string named = "; this is " + sentence;
      EXPECT_TRUE(refused("PUT", "/v1/objects/a?format=" + format, body).ends_with(named)) << format;
      EXPECT_TRUE(refused("POST", "/v1/convert?from=" + format, body).ends_with(named)) << format;
      EXPECT_TRUE(refused("POST", "/v1/batch/commit?format=" + format, tar).ends_with(named)) << format;
    }
  }
}

TEST_F(InterchangeOverHttp, WhatOfAnNpzIsNoArrayIsLeftOutAndNamed) {
  const std::string readme = read_golden("foreign/readme.npz");
  EXPECT_EQ(put("a", readme).field("sconce-skipped"), "README.txt");
  EXPECT_EQ(put("b", read_golden("foreign/folders.npz")).field("sconce-skipped"), "layer/");
  EXPECT_EQ(convert(read_golden("foreign/scipy_csr.npz"), {{"to", "json"}}).field("sconce-skipped"), "format.npy");
  EXPECT_EQ(put("c", body_of("a", {{"format", "npz"}})).field("sconce-skipped"), "");
  EXPECT_EQ(body_of("c"), body_of("a"));
  const HttpResponse done = send({.method = "POST",
                                  .target = "/v1/batch/commit",
                                  .fields = {},
                                  .body = tar_entry("x", readme) + tar_entry("y", tensors()) + tar_end()});
  EXPECT_EQ(done.status, 200U) << done.body;
  EXPECT_EQ(done.field("sconce-skipped"), "x/README.txt");
}

/// Numbers that are keys give names that differ, and that the number can be read from.
TEST_F(InterchangeOverHttp, NumbersAsNamesAreExact) {
  Wire wire;
  wire.table(1, 3);
  const double keys[] = {1e-7, 2e-7, 1e300};
  for (int i = 0; i < 3; ++i) add_matrix(wire.number(keys[i]), 2 + 2 * i);
  put("a", wire.bytes());
  const HttpResponse got = get("a", {{"format", "safetensors"}});
  EXPECT_EQ(got.status, 200U) << got.body;
  for (const std::string_view name : {"\"1e-07\"", "\"2e-07\"", "\"1e+300\""})
    EXPECT_TRUE(got.body.contains(name)) << name;
  Wire outside;
  add_matrix(outside.table(1, 1).string("../x"), 2);
  put("b", outside.bytes());
  expect_problem(get("b", {{"format", "npz"}}),
                 {.status = 422, .code = "unrepresentable", .path = "", .says = "outside of its folder"});
}

}  // namespace
}  // namespace sconce::tests
