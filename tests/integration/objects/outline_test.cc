// What is in an object and where, as `view=outline` tells it.

#include "tests/hostile/wire.h"
#include "tests/integration/objects/served_objects.h"

namespace sconce::tests {
namespace {

namespace tag = core::tag;
using nlohmann::json;

class OutlinesOverHttp : public ServedObjects {
 protected:
  json outline(const std::string& key, Parameters parameters = {}) {
    parameters.emplace_back("view", "outline");
    return json::parse(body_of(key, parameters));
  }
  /// The paths, with a blank behind each.
  std::string paths(const std::string& key, const Parameters& parameters = {}) {
    std::string text;
    for (const json& part : outline(key, parameters)) text += part.at("path").get<std::string>() + ' ';
    return text;
  }
};

/// {a = {b = {c = {d = 1}}}, e = {f = 2}, g = 3}
const std::string kNested = Wire()
                                .table(1, 3)
                                .string("a")
                                .table(2, 1)
                                .string("b")
                                .table(3, 1)
                                .string("c")
                                .table(4, 1)
                                .string("d")
                                .number(1)
                                .string("e")
                                .table(5, 1)
                                .string("f")
                                .number(2)
                                .string("g")
                                .number(3)
                                .bytes();

TEST_F(OutlinesOverHttp, HaveALineForEachPart) {
  put("shared", read_golden("tab_shared.binary.ref.t7"));
  const HttpResponse got = get("shared", {{"view", "outline"}});
  EXPECT_EQ(got.field("content-type"), "application/json");
  EXPECT_EQ(got.body,
            R"([{"path":"","kind":"table","entries":3,"index":1,"at":0,"bytes":158},
{"path":"b","kind":"table","entries":2,"index":2,"at":21,"bytes":59},
{"path":"b[1]","kind":"string","length":6,"at":45,"bytes":14},
{"path":"b.n","kind":"number","at":68,"bytes":12},
{"path":"a","kind":"reference","same_as":2,"at":89,"bytes":8},
{"path":"c","kind":"table","entries":2,"index":3,"at":106,"bytes":52},
{"path":"c[1]","kind":"reference","same_as":2,"at":130,"bytes":8},
{"path":"c[2]","kind":"reference","same_as":2,"at":150,"bytes":8}]
)");
}

TEST_F(OutlinesOverHttp, OfTensorsSayTheirGeometryAndTheirStorage) {
  put("shared", read_golden("Double_shared.binary.ref.t7"));
  std::map<std::string, json> parts;
  for (const json& part : outline("shared")) parts[part.at("path")] = part;
  const json& whole = parts.at("[1]");
  EXPECT_EQ(whole.at("class"), "torch.DoubleTensor");
  EXPECT_EQ(whole.at("type"), "f64");
  EXPECT_EQ(whole.at("sizes"), json({12}));
  EXPECT_EQ(whole.at("storage").at("elements"), 12);
  const json& transposed = parts.at("[3]");
  EXPECT_EQ(transposed.at("sizes"), json({4, 3}));
  EXPECT_EQ(transposed.at("strides"), json({1, 4}));
  EXPECT_EQ(parts.at("[2]").at("offset"), 3);
  EXPECT_EQ(transposed.at("storage"), json({{"index", whole.at("storage").at("index")}}));
  EXPECT_EQ(parts.at("st").at("kind"), "reference");
  EXPECT_EQ(parts.at("st").at("same_as"), whole.at("storage").at("index"));
}

/// `at` and `bytes` are what Range takes.
TEST_F(OutlinesOverHttp, SayWhereTheBytesLie) {
  put("mlp", read_golden("nn_mlp.binary.ref.t7"));
  for (const json& part : outline("mlp")) {
    if (part.at("kind") != "number" && part.at("kind") != "string" && part.at("kind") != "boolean") continue;
    const std::size_t at = part.at("at");
    const std::size_t last = at + part.at("bytes").get<std::size_t>() - 1;
    const HttpResponse range = get("mlp", {}, {"Range: bytes=" + std::to_string(at) + "-" + std::to_string(last)});
    EXPECT_EQ(range.body, body_of("mlp", {{"path", part.at("path")}})) << part;
  }
}

TEST_F(OutlinesOverHttp, OfInstancesAndFunctionsNameTheirFields) {
  put("mlp", read_golden("nn_mlp.binary.ref.t7"));
  const json mlp = outline("mlp", {{"path", "modules[1]"}, {"depth", "1"}});
  EXPECT_EQ(mlp[0].at("class"), "nn.Linear");
  EXPECT_EQ(mlp.size(), 8U);
  put("f", read_golden("func_upvalues.binary.ref.t7"));
  const json function = outline("f");
  EXPECT_EQ(function[0].at("kind"), "function");
  EXPECT_GT(function[0].at("code_bytes"), 0);
  EXPECT_EQ(function[1].at("path"), "[1]");
}

TEST_F(OutlinesOverHttp, EndAtADepthAndGoOnBesideIt) {
  put("a", kNested);
  EXPECT_EQ(paths("a"), " a a.b a.b.c a.b.c.d e e.f g ");
  EXPECT_EQ(paths("a", {{"depth", "1"}}), " a e g ");
  EXPECT_EQ(paths("a", {{"depth", "2"}}), " a a.b e e.f g ");
  EXPECT_EQ(paths("a", {{"depth", "3"}}), " a a.b a.b.c e e.f g ");
  EXPECT_EQ(paths("a", {{"depth", "1000000"}}), paths("a"));
}

TEST_F(OutlinesOverHttp, OfAPartBeginWithIt) {
  put("a", kNested);
  EXPECT_EQ(paths("a", {{"path", "a.b"}}), "a.b a.b.c a.b.c.d ");
  EXPECT_EQ(paths("a", {{"path", "a"}, {"depth", "1"}}), "a a.b ");
  EXPECT_EQ(paths("a", {{"path", "g"}}), "g ");
  expect_problem(get("a", {{"view", "outline"}, {"path", "a.x"}}), {404, "not_found", "a", "no part x"});
}

TEST_F(OutlinesOverHttp, OfWhatIsReferredToStandUnderTheNameThatWasGiven) {
  put("shared", read_golden("tab_shared.binary.ref.t7"));
  EXPECT_EQ(paths("shared", {{"path", "c[1]"}}), "c[1] c[1][1] c[1].n ");
}

TEST_F(OutlinesOverHttp, SayWhatTheyHaveNoRoomFor) {
  Wire wire;
  wire.table(1, 2).string("many").table(2, 5'000);
  for (int i = 1; i <= 5'000; ++i) wire.number(i).string(std::string(100, '.'));
  put("many", wire.string("few").table(5'003, 1).number(1).nil().bytes());
  const json parts = outline("many");
  EXPECT_FALSE(parts[0].contains("complete"));
  EXPECT_EQ(parts[1].at("entries"), 5'000);
  EXPECT_EQ(parts[1].at("complete"), false);
  EXPECT_EQ(parts.size(), 2U + 4'096U + 2U);
  EXPECT_EQ(parts.back().at("path"), "few[1]");
  EXPECT_EQ(paths("many", {{"path", "many[4999]"}}), "many[4999] ");
}

TEST_F(OutlinesOverHttp, OfALargeObjectAreTheSameAsOfASmallOne) {
  const auto object = [](std::int64_t count) {
    return Wire()
        .table(1, 2)
        .string("s")
        .instance(2, "torch.ByteStorage")
        .i64(count)
        .raw(std::string(static_cast<std::size_t>(count), 'x'))
        .string("behind")
        .number(1)
        .bytes();
  };
  for (const std::int64_t count : {1'000, 1'000'000}) {
    put("a", object(count));
    EXPECT_EQ(paths("a"), " s behind ");
    const json parts = outline("a");
    EXPECT_EQ(parts[1].at("elements"), count);
    EXPECT_EQ(parts[2].at("at"), object(count).size() - 12);
  }
}

/// Its parts are numbered anew, so offsets are those of what a part's reader sees.
TEST_F(OutlinesOverHttp, OfIndicesInAnyOrderAreTold) {
  put("gappy", read_golden("extra/indices_gappy.binary.ref.t7"), {{"format", "binary"}});
  const json parts = outline("gappy");
  EXPECT_EQ(parts[0].at("index"), 1);
  EXPECT_EQ(parts[1].at("index"), 2);
  EXPECT_EQ(parts[2].at("same_as"), 2);
}

TEST_F(OutlinesOverHttp, ParametersThatMakeNoSenseAreRefused) {
  put("a", kNested);
  const Parameters rows[] = {{{"view", "tree"}},
                             {{"view", ""}},
                             {{"depth", "1"}},
                             {{"view", "outline"}, {"depth", "0"}},
                             {{"view", "outline"}, {"depth", "-1"}},
                             {{"view", "outline"}, {"depth", "1000001"}},
                             {{"view", "outline"}, {"depth", "x"}},
                             {{"view", "outline"}, {"slice", "0"}},
                             {{"view", "outline"}, {"format", "json"}},
                             {{"view", "outline"}, {"style", "plain"}},
                             {{"view", "outline"}, {"referenced", "true"}},
                             {{"style", "plain"}},
                             {{"style", "pretty"}, {"format", "json"}}};
  for (const Parameters& row : rows) {
    SCOPED_TRACE(query_of(row));
    expect_problem(get("a", row), {400, "bad_query"});
  }
}

}  // namespace
}  // namespace sconce::tests
