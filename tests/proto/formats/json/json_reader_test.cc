#include "proto/formats/json/json_reader.h"

#include <gtest/gtest.h>

#include <span>

#include "tests/proto/formats/json/json_text.h"

namespace sconce::tests {
namespace {

using core::ErrorCode;

TEST(JsonReader, WhatTheWriterWritesComesBackAsItIs) {
  const std::string_view rows[] = {
      "null",
      "true",
      "false",
      R"({"boolean":2})",
      R"({"boolean":-2147483648})",
      "0",
      "-0.0",
      "0.1",
      "1e+300",
      "5e-324",
      "1.7976931348623157e+308",
      R"({"number":"inf"})",
      R"({"number":"-inf"})",
      R"({"number":"nan"})",
      R"({"number":"-nan"})",
      R"({"number":"nan:0x7ff8000000000001"})",
      R"({"number":"nan:0xfff0000000000001"})",
      R"("")",
      R"("a \"quoted\" \\ \b\f\n\r\t\u0000\u001f ä € 😀 /")",
      R"({"bytes":1,"base64":["/w=="]})",
      R"({"bytes":2,"base64":["//8="]})",
      R"({"bytes":3,"base64":["////"]})",
      R"({"table":1,"count":0,"pairs":[]})",
      R"({"table":-5,"count":-3,"pairs":[]})",
      R"({"table":1,"count":2,"pairs":[["a",1],[true,{"reference":1,"tag":3}]]})",
      R"({"table":1,"count":1,"pairs":[["f",{"function":2,"tag":8,"bytes":4,"code":["G0xKAg=="],"upvalues":null}]]})",
      R"({"function":null,"tag":6,"bytes":0,"code":[],"upvalues":{"table":1,"count":0,"pairs":[]}})",
      R"({"function":1,"tag":7,"bytes":1,"code":["AA=="],"upvalues":{"reference":1,"tag":7}})",
      R"({"class":"nn.Linear","version":"V 1","index":1,"payload":[{"table":2,"count":0,"pairs":[]}]})",
      R"({"class":"old","version":null,"index":1,"payload":[null]})",
      R"({"class":{"bytes":2,"base64":["Y/8="]},"version":"V 2","index":1,"payload":["x"]})",
      R"({"class":"oracle.Empty","version":"V 1","index":1,"payload":[]})",
      R"({"class":"tds.Hash","version":"V 1","index":1,"payload":[{"scalars":"i64","count":1,"elements":[1]},"k",2]})",
      R"({"tensor":"torch.FloatTensor","version":"V 1","index":1,"sizes":[2,2],"strides":[2,1],"offset":1,"storage":{"storage":"torch.FloatStorage","version":"V 1","index":2,"count":4,"elements":[0.1,-0.0,1e+10,"nan:0x7fc00001"]}})",
      R"({"tensor":"torch.ByteTensor","version":null,"index":1,"sizes":[],"strides":[],"offset":0,"storage":null})",
      R"({"storage":"torch.LongStorage","version":"V 1","index":1,"count":2,"elements":[9223372036854775807,-9223372036854775808]})",
      R"({"storage":"torch.CharStorage","version":"V 1","index":1,"count":2,"elements":[127,-128]})",
      R"({"storage":"torch.HalfStorage","version":"V 1","index":1,"count":8,"elements":[0.1,65504,6e-08,-0.0,"inf","nan","nan:0x7fff",2050]})",
      R"({"storage":"torch.CudaStorage","version":"V 1","index":1,"count":3,"elements":["inf","-inf","-nan"]})",
  };
  for (const std::string_view json : rows) {
    EXPECT_EQ(json_again(json), std::string(json) + "\n");
    EXPECT_EQ(json_through_binary(json), std::string(json) + "\n");
  }
}

TEST(JsonReader, BlanksAndEscapesMeanNothing) {
  EXPECT_EQ(
      json_again(
          " {\n\"t\\u0061ble\" :\t1 , \"count\":1,\r\"pairs\": [ [ \"\\u00e4\\ud83d\\ude00\\/\" , 1.50E1 ] ] } \n"),
      "{\"table\":1,\"count\":1,\"pairs\":[[\"ä😀/\",15]]}\n");
}

TEST(JsonReader, FloatsAreRoundedOnce) {
  const auto element = [](std::string_view type, std::string_view text) {
    const std::string head = "{\"storage\":\"torch." + std::string(type) +
                             "Storage\",\"version\":\"V 1\",\"index\":1,\"count\":1,\"elements\":[";
    const std::string again = json_again(head + std::string(text) + "]}");
    return again.starts_with(head) ? again.substr(head.size(), again.size() - head.size() - 3) : again;
  };
  // A little above the middle of two floats: as a double it is the middle, and would go to the even one below.
  EXPECT_EQ(element("Float", "1.000000059604644775390626"), "1.0000001");
  EXPECT_EQ(element("Double", "9007199254740993"), "9007199254740992");
  EXPECT_EQ(element("Double", "1e-400"), "0");
  EXPECT_EQ(element("Float", "-1e-400"), "-0.0");
  EXPECT_EQ(element("Half", "65519"), "65504");
  EXPECT_EQ(element("Double", "0." + std::string(3000, '0') + "1e3001"), "1");
}

TEST(JsonReader, IntegersThatDoublesHoldAreKept) {
  EXPECT_EQ(json_again("9007199254740993.0"), "9007199254740992\n") << "asked to be rounded";
  EXPECT_EQ(json_again("9.007199254740993e15"), "9007199254740992\n");
  EXPECT_EQ(json_again("-9007199254740994"), "-9007199254740994\n");
  EXPECT_EQ(json_again("9223372036854775808"), json_again("9.223372036854775808e18"));
  EXPECT_EQ(json_again("1152921504606846976"), json_again("1152921504606847000")) << "as JavaScript writes it";
  EXPECT_EQ(json_again("123456789012345680000"), json_again("1.2345678901234568e20"));
  EXPECT_EQ(json_again("1" + std::string(22, '0')), json_again("1e22"));
  EXPECT_EQ(json_again("1" + std::string(308, '0')), json_again("1e308"));
}

struct BadRow {
  std::string_view json;
  std::uint64_t offset;
  std::string_view says;
};

void expect_malformed(std::span<const BadRow> rows) {
  for (const BadRow& row : rows) {
    const core::Error error = json_error(row.json);
    EXPECT_EQ(error.code, ErrorCode::malformed) << row.json;
    EXPECT_EQ(error.offset, row.offset) << row.json << ": " << to_string(error);
    EXPECT_TRUE(error.what.contains(row.says)) << row.json << ": " << to_string(error);
  }
}

TEST(JsonReader, WhatIsNoJsonIsRefused) {
  const BadRow rows[] = {
      {"nul ", 0, "`nul`"},
      {"01 ", 0, "`01`"},
      {"1. ", 0, "`1.`"},
      {"-", 0, "`-`"},
      {"1e+ ", 0, "`1e+`"},
      {"+1 ", 0, "`+1`"},
      {"NaN ", 0, "`NaN`"},
      {"'a'", 0, "a value"},
      {"\"a\nb\"", 2, "control character"},
      {"\"\\x\"", 1, "escape"},
      {"\"\\u12g4\"", 1, "no character"},
      {"\"\\ud800\"", 1, "no character"},
      {"\"\\ud800\\u0041\"", 1, "no character"},
      {"\"\\udc00\"", 1, "no character"},
      {"\"ab\xff\"", 3, "UTF-8"},
      {"\"\xc3\"", 1, "UTF-8"},
      {"\"\xc0\x80\"", 1, "UTF-8"},
      {"\"\xed\xa0\x80\"", 1, "UTF-8"},
      {"\"\xf4\x90\x80\x80\"", 1, "UTF-8"},
      {"\xef\xbb\xbf"
       "1",
       0, "a value"},
      {"1 1", 2, "nothing more"},
      {"null,", 4, "nothing more"},
      {"{\"table\" 1}", 9, "`:`"},
      {"{\"table\":1,}", 11, "a name"},
      {"{\"table\":1]", 10, "`,` or `}`"},
      {"{1:2}", 1, "a name or `}`"},
      {"/* */ 1", 0, "a value"},
  };
  expect_malformed(rows);
}

TEST(JsonReader, MembersStandInTheirOrder) {
  const BadRow rows[] = {
      {"{}", 1, "a member"},
      {R"({"x":1})", 1, "begins with the member `x`"},
      {R"({"count":1})", 1, "begins with the member `count`"},
      {R"({"table":1,"pairs":[]})", 11, "expected the member `count`, and `pairs` stands there"},
      {R"({"table":1,"count":0,"pairs":[],"x":1})", 32, "expected `}`"},
      {R"({"table":1})", 10, "expected the member `count`, and `}` stands there"},
      {R"({"scalars":"i64","count":0,"elements":[]})", 1, "payload"},
  };
  expect_malformed(rows);
}

TEST(JsonReader, WhatStandsWhereSomethingElseBelongsIsNamed) {
  const BadRow rows[] = {
      {"[1]", 0, "expected an object, and an array stands there"},
      {R"({"table":"1"})", 9, "an integer of 32 bits, and a string"},
      {R"({"table":1.5})", 9, "an integer of 32 bits, and `1.5`"},
      {R"({"table":2147483648})", 9, "`2147483648`"},
      {R"({"table":null})", 9, "and null stands there"},
      {R"({"table":{}})", 9, "and an object stands there"},
      {R"({"table":1,"count":0,"pairs":{}})", 29, "an array of pairs, and an object"},
      {R"({"table":1,"count":1,"pairs":[1]})", 30, "a pair, and a number"},
      {R"({"table":1,"count":1,"pairs":[[[]]]})", 31, "an array stands there"},
      {R"({"table":1,"count":1,"pairs":[[1]]})", 32, "ends before"},
      {R"({"table":1,"count":1,"pairs":[[1,2,3]]})", 35, "no more than two"},
      {R"({"table":1,"count":1,"pairs":[[1,2,"x"]]})", 35, "no more than two"},
      {R"({"bytes":-1})", 9, "`-1`"},
      {R"({"bytes":1,"base64":"/w=="})", 20, "an array of base64, and a string"},
      {R"({"number":"infinity"})", 10, "`infinity`"},
      {R"({"number":"nan:0x7ff0000000000000"})", 10, "nan"},
      {R"({"number":"nan:0x7fc00001"})", 10, "nan"},
      {R"({"number":1})", 10, "and a number stands there"},
      {"1e400", 0, "no double is as large"},
      {"9007199254740993", 0, "numbers are doubles, and none is `9007199254740993`"},
      {R"({"table":1,"count":1,"pairs":[["a",-9007199254740993]]})", 35, "none is `-9007199254740993`"},
      {R"({"table":1,"count":1,"pairs":[[9223372036854775807,1]]})", 31, "none is `9223372036854775807`"},
      {"100000000000000000000001", 0, "none is `100000000000000000000001`"},
      {R"({"reference":1,"tag":3})", 22, "has not"},
      {R"({"table":1,"count":1,"pairs":[[1,{"reference":1,"tag":2}]]})", 55, "3, 4, 7 or 8"},
      {R"({"table":1,"count":1,"pairs":[[1,{"table":1,"count":0,"pairs":[]}]]})", 52, "has been given before"},
      {R"({"function":1,"tag":9,"bytes":0,"code":[]})", 30, "6, 7 or 8"},
      {R"({"function":null,"tag":8,"bytes":0,"code":[]})", 33, "no other"},
      {R"({"function":1,"tag":6,"bytes":0,"code":[]})", 30, "no other"},
      {R"({"class":"torch.FloatTensor","version":"V 1","index":1,"payload":[]})", 53, "written as `tensor`"},
      {R"({"tensor":"torch.FloatStorage","version":"V 1","index":1,"sizes":[]})", 55, "written as `storage`"},
      {R"({"class":"a","version":"1","index":1,"payload":[]})", 35, "a version"},
      {R"({"class":"V 1","version":null,"index":1,"payload":[]})", 38, "a version"},
      {R"({"class":{"table":1},"version":null})", 10, "expected the member `bytes`"},
      {R"({"class":1})", 9, "a name, and a number"},
      {R"({"class":"a","version":"V 1","index":1,"payload":[[]]})", 50, "an array"},
      {R"({"class":"a","version":"V 1","index":1,"payload":[{"scalars":"x"}]})", 61, "`x`"},
  };
  expect_malformed(rows);
}

constexpr std::string_view kTensor = R"({"tensor":"torch.IntTensor","version":"V 1","index":1,)";
constexpr std::string_view kStorage = R"({"storage":"torch.ByteStorage","version":"V 1","index":1,)";

void expect_behind(std::string_view head, std::string_view rest, std::string_view says) {
  const core::Error error = json_error(std::string(head) + std::string(rest));
  EXPECT_EQ(error.code, ErrorCode::malformed) << rest;
  EXPECT_GE(error.offset, head.size()) << rest;
  EXPECT_TRUE(error.what.contains(says)) << rest << ": " << to_string(error);
}

TEST(JsonReader, TensorsAndStoragesAreChecked) {
  expect_behind(kTensor, R"("sizes":[1],"strides":[],"offset":1,"storage":null})", "as many strides as sizes");
  expect_behind(kTensor, R"("sizes":[1.5]})", "an integer, and `1.5`");
  expect_behind(kTensor, R"("sizes":[[1]]})", "an integer, and an array");
  expect_behind(kTensor, R"("sizes":[],"strides":[],"offset":1,"storage":"x"})", "a storage, a reference or null");
  expect_behind(kTensor, R"("sizes":[],"strides":[],"offset":1,"storage":1})", "a storage, a reference or null");
  expect_behind(kTensor, R"("sizes":[],"strides":[],"offset":1,"storage":true})", "a storage, a reference or null");
  expect_behind(kTensor, R"("sizes":[],"strides":[],"offset":1,"storage":{"table":2}})",
                "a storage, a reference or null");
  expect_behind(kStorage, R"("count":-1})", "`-1`");
  expect_behind(kStorage, R"("count":9223372036854775807})", "more elements than can be");
  expect_behind(kStorage, R"("count":1,"elements":[256]})", "out of range for an element of type u8: `256`");
  expect_behind(kStorage, R"("count":1,"elements":[-1]})", "out of range");
  expect_behind(kStorage, R"("count":1,"elements":[1.0]})", "expected an element of type u8: `1.0`");
  expect_behind(kStorage, R"("count":1,"elements":["nan"]})", "expected an element of type u8");
  expect_behind(kStorage, R"("count":1,"elements":[null]})", "an element, and null");
  expect_behind(kStorage, R"("count":1,"elements":[true]})", "an element, and a boolean");
}

TEST(JsonReader, ACountThatDoesNotMatchIsNamed) {
  expect_behind(kStorage, R"("count":2,"elements":[1]})", "1 more elements");
  expect_behind(kStorage, R"("count":2,"elements":[1,2,3]})", "no more elements");
  expect_behind(kStorage, R"("count":1152921504606846975,"elements":[]})", "1152921504606846975 more elements");
  const BadRow rows[] = {
      {R"({"table":1,"count":1,"pairs":[]})", 30, "1 more pairs"},
      {R"({"table":1,"count":2147483647,"pairs":[[1,2]]})", 44, "2147483646 more pairs"},
      {R"({"table":1,"count":0,"pairs":[[1,2]]})", 30, "no more pairs"},
      {R"({"table":1,"count":-1,"pairs":[[1,2]]})", 31, "no more pairs"},
      {R"({"bytes":4,"base64":["AAAA"]})", 27, "1 more bytes"},
      {R"({"bytes":2,"base64":["AAAA"]})", 21, "there are more"},
      {R"({"bytes":2147483647,"base64":[]})", 30, "2147483647 more bytes"},
  };
  expect_malformed(rows);
}

TEST(JsonReader, Base64IsStrict) {
  const BadRow rows[] = {
      {R"({"bytes":1,"base64":["/w="]})", 21, "ends within"},
      {R"({"bytes":1,"base64":["/x=="]})", 21, "base64"},
      {R"({"bytes":1,"base64":["/w==","AAAA"]})", 28, "base64"},
      {R"({"bytes":3,"base64":["AA A"]})", 21, "base64"},
      {R"({"bytes":3,"base64":["AA-_"]})", 21, "base64"},
      {R"({"bytes":3,"base64":["AA","AA"]})", 21, "ends within"},
      {R"({"bytes":0,"base64":["===="]})", 21, "base64"},
      {R"({"bytes":2,"base64":["AA=A"]})", 21, "base64"},
      {R"({"bytes":2,"base64":[1]})", 21, "a string of base64, and a number"},
  };
  expect_malformed(rows);
  EXPECT_TRUE(events_of_json(R"({"bytes":4,"base64":["AAAA","","AA=="]})"));
}

TEST(JsonReader, ErrorsSayWhereInTheObject) {
  const auto path_of = [](std::string_view json) { return json_error(json).path.value_or("none"); };
  EXPECT_EQ(path_of(R"({"table":1,"count":1,"pairs":[["a",{"table":2,"count":2,"pairs":[[7,[)"), "a[7]");
  EXPECT_EQ(path_of(R"({"table":1,"count":2,"pairs":[["a",1],[true,[)"), "[true]");
  EXPECT_EQ(path_of(R"({"table":1,"count":2,"pairs":[[{"table":2,"count":0,"pairs":[]},[)"), "[#2]");
  EXPECT_EQ(path_of(R"({"table":1,"count":2,"pairs":[[{"number":"inf"},[)"), "[inf]");
  EXPECT_EQ(path_of(R"({"table":1,"count":2,"pairs":[["a",1]]})"), "");
}

}  // namespace
}  // namespace sconce::tests
