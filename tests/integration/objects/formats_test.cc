// Every file that Torch7 wrote, through HTTP: put in each format, got in each.

#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"

namespace sconce::tests {
namespace {

using core::Format;
using nlohmann::json;

constexpr Format kFormats[] = {Format::ascii, Format::binary, Format::b32, Format::b64};

/// Its longs need 64 bits, so that the b32 file, which Torch7 cut, holds other values.
constexpr std::string_view kNeedsLongs = "Long_extreme";

class FormatsOverHttp : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = std::make_unique<TemporaryDirectory>();
    const std::filesystem::path classes = directory_->path() / "classes";
    std::ofstream(classes) << golden_class_text();
    server_ = std::make_unique<ServerProcess>(directory_->path() / "data",
                                              std::vector<std::string>{"--classes", classes.string()});
    ASSERT_NE(server_->port(), 0) << server_->log();
  }
  static void TearDownTestSuite() {
    server_.reset();
    directory_.reset();
  }

  static inline std::unique_ptr<TemporaryDirectory> directory_;
  static inline std::unique_ptr<ServerProcess> server_;
};

std::string query_of(Format format, bool referenced) {
  return "?format=" + std::string(name_of(format)) + (referenced ? "" : "&referenced=false");
}

void expect_problem(const HttpResponse& response, unsigned status, const std::string& code) {
  EXPECT_EQ(response.status, status) << response.body;
  EXPECT_EQ(response.field("content-type"), "application/problem+json");
  EXPECT_EQ(json::parse(response.body).at("code"), code);
}

/// What was put from `row` must come back as what Torch7 wrote for the same case in `to`.
void expect_format(HttpConnection& connection, const std::string& target, const GoldenRow& row, Format to) {
  const GoldenRow* const expected = golden_row(row.name, to, row.referenced);
  if (expected == nullptr) return;
  const HttpResponse got = connection.exchange({.method = "GET", .target = target + query_of(to, true)});
  if (row.name == kNeedsLongs && to == Format::b32) return expect_problem(got, 422, "unrepresentable");
  EXPECT_EQ(got.status, 200U) << got.body;
  EXPECT_TRUE(got.body == read_golden(expected->file)) << "GET as " << name_of(to);
}

TEST_F(FormatsOverHttp, EveryFixtureIsPutInItsFormatAndGotInEach) {
  HttpConnection connection(server_->port());
  std::size_t rows = 0;
  for (const GoldenRow& row : golden_rows()) {
    SCOPED_TRACE(row.file + " as " + std::string(name_of(row.format)));
    const std::string target = "/v1/objects/golden/" + std::to_string(rows++);
    const HttpRequest put{
        .method = "PUT", .target = target + query_of(row.format, row.referenced), .body = read_golden(row.file)};
    const HttpResponse stored = connection.exchange(put);
    ASSERT_EQ(stored.status, 201U) << stored.body;
    if (row.name == kNeedsLongs && row.format == Format::b32) continue;
    for (const Format to : kFormats) expect_format(connection, target, row, to);
  }
  EXPECT_EQ(rows, 1336U);
}

TEST_F(FormatsOverHttp, TheFormatIsFoundWithoutBeingNamed) {
  HttpConnection connection(server_->port());
  for (const GoldenRow& row : golden_rows()) {
    if (!row.referenced || row.name == kNeedsLongs) continue;
    SCOPED_TRACE(row.file);
    ASSERT_LT(
        connection.exchange({.method = "PUT", .target = "/v1/objects/sniffed", .body = read_golden(row.file)}).status,
        300U);
    const HttpResponse got = connection.exchange({.target = "/v1/objects/sniffed"});
    EXPECT_TRUE(got.body == read_golden(golden_row(row.name, Format::binary, true)->file));
  }
}

TEST_F(FormatsOverHttp, SharedPartsAreExpandedOnDemandAndCyclesCannotBe) {
  HttpConnection connection(server_->port());
  std::size_t cyclic = 0;
  for (const GoldenRow& row : golden_rows()) {
    if (!row.referenced || row.format != Format::b64) continue;
    SCOPED_TRACE(row.file);
    connection.exchange({.method = "PUT", .target = "/v1/objects/expanded", .body = read_golden(row.file)});
    const HttpResponse got = connection.exchange({.target = "/v1/objects/expanded?format=ascii&referenced=false"});
    if (const GoldenRow* expanded = golden_row(row.name, Format::ascii, false)) {
      EXPECT_TRUE(got.body == read_golden(expanded->file));
    } else {
      expect_problem(got, 422, "unrepresentable");
      EXPECT_TRUE(json::parse(got.body).contains("path"));
      cyclic += 1;
    }
  }
  EXPECT_GT(cyclic, 0U);
}

TEST_F(FormatsOverHttp, ConvertStoresNothing) {
  HttpConnection connection(server_->port());
  const std::string ascii = read_golden("nn_mlp.ascii.ref.t7");
  const HttpResponse converted =
      connection.exchange({.method = "POST", .target = "/v1/convert?from=ascii&to=b32", .body = ascii});
  EXPECT_EQ(converted.status, 200U) << converted.body;
  EXPECT_EQ(converted.field("content-type"), "application/x-torch7; format=b32");
  EXPECT_TRUE(converted.body == read_golden(golden_row("nn_mlp", Format::b32, true)->file));
  const HttpResponse expanded = connection.exchange(
      {.method = "POST", .target = "/v1/convert?referenced=false", .fields = {"Accept: */*"}, .body = ascii});
  EXPECT_TRUE(expanded.body == read_golden(golden_row("nn_mlp", Format::binary, false)->file));
  const HttpResponse bad = connection.exchange({.method = "POST", .target = "/v1/convert?to=ascii", .body = "5\n"});
  expect_problem(bad, 400, "truncated");
  EXPECT_EQ(json::parse(bad.body).at("offset"), 2);
}

}  // namespace
}  // namespace sconce::tests
