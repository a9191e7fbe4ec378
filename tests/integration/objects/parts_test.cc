// Parts of objects: found by their paths, whole objects in every format, read without the rest.

#include <cmath>

#include "tests/hostile/wire.h"
#include "tests/integration/objects/served_objects.h"

namespace sconce::tests {
namespace {

namespace tag = core::tag;

class PartsOverHttp : public ServedObjects {
 protected:
  void put_golden(const std::string& key, const std::string& file) {
    put(key, read_golden(file), {{"format", "binary"}});
  }
  std::string binary(const std::string& key, const std::string& path) { return body_of(key, {{"path", path}}); }
  std::string ascii(const std::string& key, const std::string& path) {
    return body_of(key, {{"path", path}, {"format", "ascii"}});
  }
};

TEST_F(PartsOverHttp, APartIsAnObjectOfItsOwnInEveryFormatOfTorch) {
  put_golden("mlp", "nn_mlp.binary.ref.t7");
  const std::string part = binary("mlp", "modules[1]");
  put("part", part, {{"format", "binary"}});
  EXPECT_EQ(body_of("part"), part);
  for (const std::string format : {"ascii", "b32", "json"}) {
    SCOPED_TRACE(format);
    const std::string text = body_of("mlp", {{"path", "modules[1]"}, {"format", format}});
    EXPECT_EQ(text, body_of("part", {{"format", format}}));
    put("back", text, {{"format", format}});
    EXPECT_EQ(body_of("back"), part);
  }
  EXPECT_EQ(body_of("mlp", {{"path", "modules[1].weight"}, {"format", "npy"}}),
            body_of("part", {{"path", "weight"}, {"format", "npy"}}));
}

TEST_F(PartsOverHttp, APartWithItsSharedThingsInFullIsWhatTorchWouldWrite) {
  put_golden("shared", "tab_shared.binary.ref.t7");
  EXPECT_EQ(
      body_of("shared", {{"path", "c"}, {"referenced", "false"}, {"format", "ascii"}}),
      "3\n1\n2\n1\n1\n3\n2\n2\n1\n1\n2\n6\nshared\n2\n1\nn\n1\n1\n1\n2\n3\n3\n2\n1\n1\n2\n6\nshared\n2\n1\nn\n1\n1\n");
}

TEST_F(PartsOverHttp, AStringANumberABooleanAndNilAreParts) {
  put("a", Wire()
               .table(1, 4)
               .string("s")
               .string("text")
               .string("n")
               .number(2)
               .string("b")
               .i32(5)
               .i32(1)
               .string("x")
               .nil()
               .bytes());
  EXPECT_EQ(ascii("a", "s"), "2\n4\ntext\n");
  EXPECT_EQ(ascii("a", "n"), "1\n2\n");
  EXPECT_EQ(ascii("a", "b"), "5\n1\n");
  EXPECT_EQ(ascii("a", "x"), "0\n");
}

TEST_F(PartsOverHttp, EveryPartHasItsEntityTag) {
  put_golden("mlp", "nn_mlp.binary.ref.t7");
  const Parameters variants[] = {{},
                                 {{"path", "modules[1].weight"}},
                                 {{"path", "modules[1].bias"}},
                                 {{"path", "modules[1].bias"}, {"slice", "0:1"}},
                                 {{"path", "modules[1].bias"}, {"slice", "1:2"}},
                                 {{"path", "modules[1].bias"}, {"format", "npy"}},
                                 {{"path", "modules[1].bias"}, {"format", "json"}},
                                 {{"path", "modules[1].bias"}, {"format", "json"}, {"style", "plain"}},
                                 {{"path", "modules[1].bias"}, {"referenced", "false"}},
                                 {{"view", "outline"}},
                                 {{"view", "outline"}, {"depth", "1"}},
                                 {{"view", "outline"}, {"path", "modules"}}};
  std::set<std::string> tags;
  for (const Parameters& variant : variants) {
    SCOPED_TRACE(query_of(variant));
    const HttpResponse got = get("mlp", variant);
    EXPECT_EQ(got.status, 200U);
    const std::string tag = got.field("etag");
    EXPECT_TRUE(tags.insert(tag).second) << tag;
    const HttpResponse same = get("mlp", variant, {"If-None-Match: \"x\", " + tag});
    EXPECT_EQ(same.status, 304U);
    EXPECT_EQ(same.field("etag"), tag);
    EXPECT_EQ(same.body, "");
    EXPECT_EQ(get("mlp", variant, {"If-Match: " + tag}).status, 200U);
  }
  for (const std::string& tag : tags) {
    EXPECT_EQ(get("mlp", {{"path", "modules[2]"}}, {"If-None-Match: " + tag}).status, 200U) << tag;
  }
}

TEST_F(PartsOverHttp, AnyTagOfARevisionStandsForItInAWrite) {
  put("a", Wire().table(1, 1).string("odd \"key\" \xff, x").number(1).bytes());
  const std::string old_tag = get("a", {{"path", "[\"odd \\\"key\\\" \\xff, x\"]"}}).field("etag");
  const HttpRequest write{.method = "PUT",
                          .target = "/v1/objects/a",
                          .fields = {"If-Match: \"x\", " + old_tag},
                          .body = Wire().number(1).bytes()};
  EXPECT_EQ(send(write).status, 200U);
  EXPECT_EQ(send(write).status, 412U);
}

TEST_F(PartsOverHttp, HeadIsGetWithoutItsBody) {
  put_golden("mlp", "nn_mlp.binary.ref.t7");
  const Parameters variants[] = {{{"path", "modules[1].weight"}},
                                 {{"path", "modules[1].weight"}, {"slice", "0"}, {"format", "npy"}},
                                 {{"path", "none"}},
                                 {{"view", "outline"}}};
  for (const Parameters& variant : variants) {
    SCOPED_TRACE(query_of(variant));
    HttpResponse head = get("mlp", variant, {}, "HEAD");
    HttpResponse got = get("mlp", variant);
    EXPECT_EQ(head.status, got.status);
    EXPECT_EQ(head.field("content-length"), std::to_string(got.body.size()));
    head.fields.erase("date");
    got.fields.erase("date");
    EXPECT_EQ(head.fields, got.fields);
  }
}

TEST_F(PartsOverHttp, ARangeOfAPartIsARangeOfItsBytes) {
  put_golden("mlp", "nn_mlp.binary.ref.t7");
  const Parameters part = {{"path", "modules[1].weight"}};
  const std::string whole = binary("mlp", "modules[1].weight");
  const HttpResponse some = get("mlp", part, {"Range: bytes=10-29"});
  EXPECT_EQ(some.status, 206U);
  EXPECT_EQ(some.body, whole.substr(10, 20));
  EXPECT_EQ(some.field("content-range"), "bytes 10-29/" + std::to_string(whole.size()));
  EXPECT_EQ(get("mlp", part, {"Range: bytes=-5", "If-Range: " + some.field("etag")}).body,
            whole.substr(whole.size() - 5));
  EXPECT_EQ(get("mlp", part, {"Range: bytes=100000-"}).status, 416U);
}

/// A boundary has neither brackets nor quotes nor a percent sign. Source: RFC 2046, section 5.1.1.
TEST_F(PartsOverHttp, SeveralRangesOfAPartHaveABoundaryThatMayBeOne) {
  put("a", Wire().table(1, 1).string("a b").string("0123456789").bytes());
  const HttpResponse several = get("a", {{"path", "[\"a b\"]"}}, {"Range: bytes=0-1,8-9"});
  EXPECT_EQ(several.status, 206U);
  const std::string type = several.field("content-type");
  const std::string prefix = "multipart/byteranges; boundary=";
  ASSERT_TRUE(type.starts_with(prefix)) << type;
  const std::string boundary = type.substr(prefix.size());
  EXPECT_LE(boundary.size(), 70U);
  EXPECT_EQ(boundary.find_first_not_of("0123456789abcdefABCDEF-."), std::string::npos) << boundary;
  EXPECT_TRUE(several.body.starts_with("--" + boundary + "\r\n"));
  EXPECT_TRUE(several.body.ends_with("\r\n--" + boundary + "--\r\n"));
}

/// As curl's --data-urlencode and others write a blank; in a path a plus is a plus.
TEST_F(PartsOverHttp, APlusInAQueryIsABlankAndInAPathAPlus) {
  put("a+b", Wire().table(1, 2).string("a b").string("blank").string("a+b").string("plus").bytes());
  const auto part = [this](const std::string& target) {
    return send({.target = "/v1/objects/" + target + "&format=json&style=plain"}).body;
  };
  EXPECT_EQ(part("a+b?path=%5B%22a+b%22%5D"), "\"blank\"\n");
  EXPECT_EQ(part("a+b?path=%5B%22a%20b%22%5D"), "\"blank\"\n");
  EXPECT_EQ(part("a%2Bb?path=%5B%22a%2Bb%22%5D"), "\"plus\"\n");
  EXPECT_EQ(get("a%20b").status, 404U);
}

TEST_F(PartsOverHttp, APathThatLeadsNowhereNamesItsFirstStepThatFails) {
  put_golden("mlp", "nn_mlp.binary.ref.t7");
  expect_problem(get("mlp", {{"path", "modules[1].wieght.x"}}),
                 {404, "not_found", "modules[1]", "no part wieght in the nn.Linear that stands here; it has weight, "});
  expect_problem(get("mlp", {{"path", "modules[5]"}}), {404, "not_found", "modules", "no part [5] in the table"});
  expect_problem(get("mlp", {{"path", "modules[\"1\"]"}}), {404, "not_found", "modules", "no part [\"1\"]"});
  expect_problem(get("mlp", {{"path", "modules[1].weight.x"}}),
                 {404, "not_found", "modules[1].weight", "a tensor, which has no parts"});
  expect_problem(get("mlp", {{"path", "x"}}), {404, "not_found", "", "no part x in the nn.Sequential"});
  expect_problem(get("none", {{"path", "x"}}), {404, "not_found"});
  put("empty", Wire().table(1, 0).bytes());
  expect_problem(get("empty", {{"path", "x"}}),
                 {404, "not_found", "", "in the table that stands here, which is empty"});
  put("number", Wire().number(1).bytes());
  expect_problem(get("number", {{"path", "x.y"}}), {404, "not_found", "", "a number, which has no parts"});
}

TEST_F(PartsOverHttp, APathThatCannotBeReadNamesItsByte) {
  put("a", Wire().table(1, 0).bytes());
  const std::pair<const char*, const char*> rows[] = {{"a.", "at its byte 2:"},     {"a[1", "at its byte 3:"},
                                                      {"a b", "at its byte 1:"},    {"[\"x", "at its byte 3:"},
                                                      {"a[nil]", "at its byte 2:"}, {"[\"x\"...]", "at its byte 4:"}};
  for (const auto& [path, says] : rows) {
    expect_problem(get("a", {{"path", path}}), {400, "bad_query", nullptr, says});
    expect_problem(get("a", {{"path", path}, {"view", "outline"}}), {400, "bad_query", nullptr, says});
  }
  std::string many = "a";
  for (int i = 0; i < 256; ++i) many += ".a";
  expect_problem(get("a", {{"path", many}}), {400, "bad_query", nullptr, "at most 256 steps"});
}

TEST_F(PartsOverHttp, AnyKeyCanBeNamed) {
  const std::string odd("a.b[\"\0\n\xff\xc3\xa4", 10);
  put("a", Wire()
               .table(1, 9)
               .string(odd)
               .number(1)
               .string("")
               .number(2)
               .number(-1.5)
               .number(3)
               .number(1e300)
               .number(4)
               .number(INFINITY)
               .number(5)
               .i32(tag::kBoolean)
               .i32(1)
               .number(6)
               .table(2, 0)
               .number(7)
               .string("1")
               .number(8)
               .number(1)
               .number(9)
               .bytes());
  const std::pair<const char*, const char*> rows[] = {{"[\"a.b[\\\"\\x00\\n\\xff\xc3\xa4\"]", "1\n1\n"},
                                                      {"[\"\"]", "1\n2\n"},
                                                      {"[-1.5]", "1\n3\n"},
                                                      {"[1e300]", "1\n4\n"},
                                                      {"[1e+300]", "1\n4\n"},
                                                      {"[inf]", "1\n5\n"},
                                                      {"[true]", "1\n6\n"},
                                                      {"[#2]", "1\n7\n"},
                                                      {"[\"1\"]", "1\n8\n"},
                                                      {"[1]", "1\n9\n"},
                                                      {"[1.0]", "1\n9\n"}};
  for (const auto& [path, expected] : rows) EXPECT_EQ(ascii("a", path), expected) << path;
  // Each is written so in the outline, too.
  for (const auto& part : nlohmann::json::parse(body_of("a", {{"view", "outline"}}))) {
    const std::string path = part.at("path");
    EXPECT_EQ(get("a", {{"path", path}}).status, 200U) << path;
  }
}

TEST_F(PartsOverHttp, UpvaluesStandUnderTheirFunction) {
  put_golden("f", "func_upvalues.binary.ref.t7");
  EXPECT_EQ(ascii("f", "[1].name"), "2\n2\nup\n");
  EXPECT_EQ(ascii("f", "[1].value"), "1\n5\n");
  EXPECT_EQ(ascii("f", "[2].value.k"), "2\n1\nv\n");
  expect_problem(get("f", {{"path", "[3]"}}),
                 {404, "not_found", "", "in the function that stands here; it has [1], [2]"});
}

TEST_F(PartsOverHttp, WhatIsSharedIsBroughtAlongOnce) {
  put_golden("shared", "tab_shared.binary.ref.t7");
  EXPECT_EQ(ascii("shared", "c"), "3\n1\n2\n1\n1\n3\n2\n2\n1\n1\n2\n6\nshared\n2\n1\nn\n1\n1\n1\n2\n3\n2\n");
  EXPECT_EQ(ascii("shared", "c[2]"), ascii("shared", "b"));
  EXPECT_EQ(ascii("shared", "c[2][1]"), "2\n6\nshared\n");
}

/// {child = {parent = the root, x = 1}, y = 2}
TEST_F(PartsOverHttp, AChildBringsItsParentAlong) {
  put("a", Wire()
               .table(1, 2)
               .string("child")
               .table(2, 2)
               .string("parent")
               .again(tag::kTable, 1)
               .string("x")
               .number(1)
               .string("y")
               .number(2)
               .bytes());
  EXPECT_EQ(binary("a", "child"), Wire()
                                      .table(1, 2)
                                      .string("parent")
                                      .table(2, 2)
                                      .string("child")
                                      .again(tag::kTable, 1)
                                      .string("y")
                                      .number(2)
                                      .string("x")
                                      .number(1)
                                      .bytes());
  EXPECT_EQ(binary("a", "child.parent.child.parent.y"), Wire().number(2).bytes());
  expect_problem(get("a", {{"path", "child"}, {"referenced", "false"}}),
                 {422, "unrepresentable", "child.parent.child"});
}

TEST_F(PartsOverHttp, IndicesInAnyOrderHaveParts) {
  const std::string empty = Wire().table(1, 0).bytes();
  put_golden("gappy", "extra/indices_gappy.binary.ref.t7");
  put_golden("negative", "extra/index_zero_and_negative.binary.ref.t7");
  EXPECT_EQ(binary("gappy", "[1]"), empty);
  EXPECT_EQ(binary("gappy", "[2]"), empty);
  EXPECT_EQ(binary("gappy", "[3][3][1]"), empty);
  EXPECT_EQ(
      binary("gappy", "[3]"),
      Wire().table(1, 3).number(1).table(2, 0).number(2).again(tag::kTable, 2).number(3).again(tag::kTable, 1).bytes());
  EXPECT_EQ(binary("negative", "[2]"), empty);
  EXPECT_EQ(body_of("gappy"), read_golden("extra/indices_gappy.binary.ref.t7")) << "the whole is as it was put";
}

}  // namespace
}  // namespace sconce::tests
