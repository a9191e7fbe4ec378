// Classes that write their own payload, and those of which nothing is known, over HTTP.

#include <gtest/gtest.h>

#include "tests/integration/objects/served_objects.h"

namespace sconce::tests {
namespace {

using nlohmann::json;

class ClassesOverHttp : public ServedObjects {};

std::string instance(const std::string& name, int index = 1) {
  return "4\n" + std::to_string(index) + "\n3\nV 1\n" + std::to_string(name.size()) + '\n' + name + "\n3\n" +
         std::to_string(index + 1) + "\n0\n";
}

TEST_F(ClassesOverHttp, WhatIsAssumedOfAClassIsToldByThePut) {
  EXPECT_EQ(put("a", instance("my.Own")).field("sconce-undeclared"), "my.Own");
  EXPECT_EQ(put("a", "3\n9\n2\n1\n1\n" + instance("my.B") + "1\n2\n" + instance("my.A", 3)).field("sconce-undeclared"),
            "my.B, my.A");
  EXPECT_EQ(put("a", instance("nn.Linear")).field("sconce-undeclared"), "");
  EXPECT_EQ(put("a", read_golden("classes/profile_and_gpu.binary.t7")).field("sconce-undeclared"), "");
  const HttpResponse converted =
      send({.method = "POST", .target = "/v1/convert?from=ascii&to=binary", .fields = {}, .body = instance("my.Own")});
  EXPECT_EQ(converted.status, 200U);
  EXPECT_EQ(converted.field("sconce-undeclared"), "my.Own");
}

TEST_F(ClassesOverHttp, NamesAreNoHeadersOfTheirOwn) {
  EXPECT_EQ(put("a", instance("x\r\nSet-Cookie: a, b%")).field("sconce-undeclared"),
            "x%0D%0ASet-Cookie:%20a%2C%20b%25");
  EXPECT_EQ(put("a", instance(std::string("\xff\0", 2))).field("sconce-undeclared"), "%FF%00");
  const std::string many = put("a", instance(std::string(1000, '\n'))).field("sconce-undeclared");
  std::string cut = "...";
  for (int i = 0; i < 128; ++i) cut.insert(0, "%0A");
  EXPECT_EQ(many, cut) << "a name that is cut is still told";
  EXPECT_EQ(put("a", instance("")).field("sconce-undeclared"), "(empty name)");
  EXPECT_EQ(put("a", "3\n9\n2\n1\n1\n" + instance(std::string(1000, 'n')) + "1\n2\n" + instance("my.A", 3))
                .field("sconce-undeclared"),
            std::string(128, 'n') + "..., my.A");
  std::string table = "3\n999\n100\n";
  for (int i = 0; i < 100; ++i) {
    table += "1\n" + std::to_string(i) + '\n' + instance("my." + std::string(60, 'n') + std::to_string(i), 1 + 2 * i);
  }
  const std::string bounded = put("a", table).field("sconce-undeclared");
  EXPECT_LE(bounded.size(), 1024U);
  EXPECT_TRUE(bounded.ends_with(", ...")) << bounded;
}

TEST_F(ClassesOverHttp, ABodyThatNoReadingExplainsNamesTheClassAndTheFlag) {
  const HttpResponse refused =
      send({.method = "PUT", .target = "/v1/objects/a", .fields = {}, .body = instance("my.Two") + "3\n3\n0\n"});
  EXPECT_EQ(refused.status, 400U);
  const json problem = json::parse(refused.body);
  EXPECT_EQ(problem.at("code"), "trailing_bytes");
  const std::string detail = problem.at("detail");
  EXPECT_NE(detail.find("the class my.Two at byte 0"), std::string::npos) << detail;
  EXPECT_NE(detail.find("--classes"), std::string::npos) << detail;
  const HttpResponse changed = send(
      {.method = "PUT", .target = "/v1/objects/a", .fields = {}, .body = read_golden("classes/crlf_linear.ascii.t7")});
  EXPECT_EQ(changed.status, 400U);
  EXPECT_NE(changed.body.find("the line ends are CR LF"), std::string::npos) << changed.body;
}

TEST_F(ClassesOverHttp, AKnownClassThatWroteMoreIsNamedToo) {
  const HttpResponse refused =
      send({.method = "PUT", .target = "/v1/objects/a", .fields = {}, .body = instance("nn.CAddTable") + "3\n3\n0\n"});
  EXPECT_EQ(refused.status, 400U);
  const std::string detail = json::parse(refused.body).at("detail");
  EXPECT_NE(detail.find("the class nn.CAddTable at byte 0"), std::string::npos) << detail;
  EXPECT_NE(detail.find("--classes"), std::string::npos) << detail;
}

TEST_F(ClassesOverHttp, TheGpuOfABalancedFileHasItsPath) {
  const std::string binary = read_golden("classes/profile_and_gpu.binary.t7");
  put("model", binary);
  EXPECT_TRUE(body_of("model") == binary);
  EXPECT_EQ(
      json::parse(body_of("model", {{"path", "modules[2].modules[1].weight"}, {"format", "json"}, {"style", "plain"}}))
          .size(),
      1U);
  EXPECT_EQ(body_of("model", {{"referenced", "false"}}).size(), 3492U);
}

TEST_F(ClassesOverHttp, AClTensorIsSlicedAndBecomesAnArray) {
  put("cl", read_golden("classes/cl_table.binary.t7"));
  EXPECT_EQ(body_of("cl", {{"path", "w"}, {"slice", "0,:2"}, {"format", "npy"}}).substr(1, 5), "NUMPY");
}

}  // namespace
}  // namespace sconce::tests
