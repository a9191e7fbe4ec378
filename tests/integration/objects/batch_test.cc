// Batches: all of their objects appear, or none.

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"
#include "tests/support/tar.h"

namespace sconce::tests {
namespace {

using nlohmann::json;

const std::string kControl = ".sconce-batch.json";

std::string number(int value) { return "1\n" + std::to_string(value) + "\n"; }

class BatchesOverHttp : public testing::Test {
 protected:
  HttpResponse send(const HttpRequest& request) { return http(server_.port(), request); }
  HttpResponse put(const std::string& key, const std::string& body) {
    return send({.method = "PUT", .target = "/v1/objects/" + key, .fields = {}, .body = body});
  }
  HttpResponse commit(const std::string& tar, const std::string& query = "") {
    return send({.method = "POST", .target = "/v1/batch/commit" + query, .fields = {}, .body = tar});
  }
  std::string ascii_of(const std::string& key) {
    const HttpResponse response = send({.target = "/v1/objects/" + key + "?format=ascii"});
    return response.status == 200 ? response.body : std::to_string(response.status);
  }
  std::string keys() {
    std::string keys;
    const json listing = json::parse(send({.target = "/v1/objects"}).body);
    for (const json& entry : listing.at("entries")) {
      keys += entry.at("key").get<std::string>() + ' ';
    }
    return keys;
  }

  TemporaryDirectory directory_;
  ServerProcess server_{directory_.path() / "data", {"--batch-entries-max", "100"}};
};

TEST_F(BatchesOverHttp, AllOfTheirObjectsAppear) {
  const HttpResponse done = commit(tar_entry("./", "", '5') + tar_entry("./a", number(1)) +
                                       tar_entry("sub/b", read_golden("Float_10k.binary.ref.t7")) + tar_end(),
                                   "?prefix=runs/1/");
  ASSERT_EQ(done.status, 200U) << done.body;
  EXPECT_EQ(keys(), "runs/1/a runs/1/sub/b ");
  EXPECT_EQ(ascii_of("runs/1/a"), number(1));
  const json answer = json::parse(done.body);
  EXPECT_EQ(answer.at("deleted"), 0);
  ASSERT_EQ(answer.at("objects").size(), 2U);
  EXPECT_EQ(answer.at("objects")[0].at("key"), "runs/1/a");
  EXPECT_EQ(answer.at("objects")[0].at("etag"), send({.target = "/v1/objects/runs/1/a"}).field("etag"));
}

TEST_F(BatchesOverHttp, ThatTarWroteAreRead) {
  const std::string folder = directory_.path() / "in";
  const std::string long_name = std::string(80, 'd') + "/" + std::string(80, 'n');
  std::filesystem::create_directories(folder + "/" + std::string(80, 'd'));
  directory_.write("in/" + long_name, number(1));
  directory_.write("in/\xc3\xbc", number(2));
  for (const std::string format : {"gnu", "pax", "ustar"}) {
    const std::string tar = directory_ / "t.tar";
    ASSERT_EQ(std::system(("tar --format=" + format + " -C " + folder + " -cf " + tar + " .").c_str()), 0);
    const HttpResponse done = commit(read_file(tar), "?prefix=" + format + "/");
    EXPECT_EQ(done.status, 200U) << done.body;
    EXPECT_EQ(ascii_of(format + "/" + long_name), number(1));
    EXPECT_EQ(ascii_of(format + "/%C3%BC"), number(2));
  }
}

/// A few bytes that claim to be a terabyte of zeros.
TEST_F(BatchesOverHttp, AFileWithHolesIsRefused) {
  const std::string file = directory_.write("holes", "1\n1\n");
  std::filesystem::resize_file(file, 1'000'000'000'000);
  const std::string tar = directory_ / "t.tar";
  ASSERT_EQ(std::system(("tar -S -C " + directory_.path().string() + " -cf " + tar + " holes").c_str()), 0);
  const HttpResponse refused = commit(read_file(tar));
  EXPECT_EQ(refused.status, 400U);
  EXPECT_NE(refused.body.find("a file with holes"), std::string::npos) << refused.body;
}

/// What bsdtar on macOS writes: `._NAME` in front of each file with attributes, and the folder's .DS_Store.
TEST_F(BatchesOverHttp, WhatMacosAddsIsSkippedAndNamed) {
  const HttpResponse attributes = commit(read_golden("foreign/macos.tar"), "?prefix=a/");
  EXPECT_EQ(attributes.status, 200U) << attributes.body;
  EXPECT_EQ(attributes.field("sconce-skipped"), "._a.t7");
  const HttpResponse folder = commit(read_golden("foreign/ds_store.tar"), "?prefix=b/");
  EXPECT_EQ(folder.status, 200U) << folder.body;
  EXPECT_EQ(folder.field("sconce-skipped"), ".DS_Store");
  EXPECT_EQ(keys(), "a/a.t7 b/a.t7 ");
}

/// A name alone does not make an object less of one.
TEST_F(BatchesOverHttp, AnObjectWithANameOfMacosIsStored) {
  const HttpResponse done = commit(tar_entry("._a", number(1)) + tar_entry("x/.DS_Store", number(2)) + tar_end());
  EXPECT_EQ(done.status, 200U) << done.body;
  EXPECT_EQ(done.field("sconce-skipped"), "");
  EXPECT_EQ(ascii_of("._a"), number(1));
  EXPECT_EQ(ascii_of("x/.DS_Store"), number(2));
}

TEST_F(BatchesOverHttp, NothingAppearsIfAnythingIsWrong) {
  const std::string good = tar_entry("good", number(1));
  struct Row {
    std::string tar;
    std::string code;
    std::string detail;
  };
  const Row rows[] = {
      {good + tar_entry("bad", "1\nx\n") + tar_end(), "malformed", "the entry `bad`: "},
      {good + tar_entry("bad", "1.5\n") + tar_end(), "unknown_format", "the entry `bad`: "},
      {good + tar_entry("a", "", '2', "good") + tar_end(), "bad_request",
       "the entry `a` is not a file but a symbolic link; write the tar with --dereference"},
      {good + tar_entry("a", "", '1', "good") + tar_end(), "bad_request",
       "the entry `a` is not a file but a hard link; write the tar with --hard-dereference"},
      {good + tar_entry("a", "", '3') + tar_end(), "bad_request", "the entry `a` is not a file"},
      {good + tar_entry("./good", number(2)) + tar_end(), "bad_request", "the key `good` appears twice"},
      {good + tar_entry("../a", number(2)) + tar_end(), "bad_key", "the name `../a`: "},
      {good + tar_entry("/a", number(2)) + tar_end(), "bad_key", "the name `/a`: "},
      {good + tar_entry(kControl, "{}") + tar_end(), "malformed", "the entry `.sconce-batch.json`: "},
      {good + tar_entry(kControl, number(1)) + tar_end(), "malformed",
       "the entry `.sconce-batch.json`: it is not an object, but"},
      {good + tar_entry("./" + kControl, number(1)) + tar_end(), "malformed",
       "the entry `.sconce-batch.json`: it is not an object, but"},
      {tar_entry(kControl, "{}") + tar_entry(kControl, "{}") + tar_end(), "malformed",
       "the entry `.sconce-batch.json`: it is not an object, but"},
      {good + tar_end() + "x", "malformed", "there are bytes behind the end of the tar"},
      {good + std::string(512, '\1') + tar_end(), "malformed", "the tar cannot be read: "},
      {std::string(2000, 'x'), "malformed", "this is not a tar"},
      {"", "malformed", "this is not a tar"},
  };
  for (const Row& row : rows) {
    const HttpResponse refused = commit(row.tar);
    EXPECT_EQ(refused.status, 400U) << row.detail;
    EXPECT_EQ(json::parse(refused.body).at("code"), row.code) << refused.body;
    EXPECT_TRUE(json::parse(refused.body).at("detail").get<std::string>().starts_with(row.detail)) << refused.body;
  }
  EXPECT_EQ(keys(), "");
}

/// Of a batch under a prefix, the key is told that would have been written, deleted or looked at.
TEST_F(BatchesOverHttp, AKeyThatIsWrongIsNamedWithItsPrefix) {
  const auto detail = [this](const std::string& tar) {
    const HttpResponse refused = commit(tar + tar_end(), "?prefix=runs/4/");
    EXPECT_EQ(refused.status, 400U) << refused.body;
    return json::parse(refused.body).at("detail").get<std::string>();
  };
  const std::string says = "the key `runs/4/../a`: byte 7 of the key: a segment `.` or `..`";
  EXPECT_EQ(detail(tar_entry("../a", number(1))), says);
  EXPECT_EQ(detail(tar_entry(kControl, R"({"delete":["../a"]})")), says);
  EXPECT_EQ(detail(tar_entry(kControl, R"({"conditions":[{"key":"../a","if_match":"*"}]})")), says);
}

/// Zeros at the end of a file are not the end of the tar.
TEST_F(BatchesOverHttp, ATarThatIsCutOffIsRefusedWhereverItIsCut) {
  const std::string zeros = read_golden("nil.binary.ref.t7") + std::string(2000, '\0');
  const std::string tar = tar_entry("a", number(1)) + tar_entry("b", zeros) + tar_end();
  for (std::size_t size = 0; size < tar.size(); size += 256) {
    EXPECT_EQ(commit(tar.substr(0, size)).status, 400U) << size;
  }
  const std::string good = tar_entry("a", number(1)) + tar_entry("b", number(2));
  EXPECT_EQ(commit(good).status, 400U);
  EXPECT_EQ(commit(good.substr(0, 1024)).status, 400U);
  EXPECT_EQ(keys(), "");
  EXPECT_EQ(commit(good + tar_end()).status, 200U);
}

TEST_F(BatchesOverHttp, HaveSoManyEntriesAtTheMost) {
  std::string tar;
  for (int i = 0; i < 100; ++i) tar += tar_entry(std::to_string(i), number(i));
  EXPECT_EQ(commit(tar + tar_entry("x", "", '5') + tar_end()).status, 413U);
  EXPECT_EQ(commit(tar + tar_end()).status, 200U);
}

TEST_F(BatchesOverHttp, HaveSoManyNamesAtTheMost) {
  const auto deleting = [](int count) {
    std::string names;
    for (int i = 0; i < count; ++i) names += (i == 0 ? "\"" : ",\"") + std::to_string(i) + '"';
    return tar_entry(kControl, "{\"delete\":[" + names + "]}");
  };
  EXPECT_EQ(commit(deleting(100) + tar_end()).status, 200U);
  for (const std::string& tar : {deleting(101) + tar_end(), deleting(100) + tar_entry("a", number(1)) + tar_end()}) {
    const HttpResponse refused = commit(tar);
    EXPECT_EQ(refused.status, 413U);
    EXPECT_EQ(json::parse(refused.body).at("code"), "body_too_large") << refused.body;
  }
  EXPECT_EQ(keys(), "");
}

TEST_F(BatchesOverHttp, MayBeNewObjectsOnly) {
  put("b", number(0));
  const HttpResponse refused =
      commit(tar_entry("a", number(1)) + tar_entry("b", number(2)) + tar_end(), "?if_none_match=*");
  EXPECT_EQ(refused.status, 412U);
  EXPECT_EQ(refused.field("etag"), send({.target = "/v1/objects/b"}).field("etag"));
  EXPECT_NE(refused.body.find("the key `b`"), std::string::npos) << refused.body;
  EXPECT_EQ(keys(), "b ");
  EXPECT_EQ(commit(tar_entry("a", number(1)) + tar_end(), "?if_none_match=*").status, 200U);
}

TEST_F(BatchesOverHttp, DeleteAndAskForConditions) {
  const std::string a = put("p/a", number(1)).field("etag");
  put("p/gone", number(1));
  const auto control = [](const std::string& tag) {
    return tar_entry(
        kControl,
        json({{"delete", {"gone", "never"}},
              {"conditions", {{{"key", "a"}, {"if_match", tag}}, {{"key", "looked-at"}, {"if_none_match", "*"}}}}})
            .dump());
  };
  const std::string rest = tar_entry("a", number(2)) + tar_end();
  EXPECT_EQ(commit(control("\"" + std::string(32, '0') + "-binary.1\"") + rest, "?prefix=p/").status, 412U);
  EXPECT_EQ(keys(), "p/a p/gone ");
  put("p/looked-at", number(1));
  const HttpResponse refused = commit(control(a) + rest, "?prefix=p/");
  EXPECT_EQ(refused.status, 412U);
  EXPECT_NE(refused.body.find("the key `p/looked-at`"), std::string::npos) << refused.body;
  send({.method = "DELETE", .target = "/v1/objects/p/looked-at"});
  const HttpResponse done = commit(control(a) + rest, "?prefix=p/");
  EXPECT_EQ(done.status, 200U) << done.body;
  EXPECT_EQ(json::parse(done.body).at("deleted"), 1);
  EXPECT_EQ(json::parse(done.body).at("objects").size(), 1U);
  EXPECT_EQ(keys(), "p/a ");
  EXPECT_EQ(ascii_of("p/a"), number(2));
}

/// What stood behind a NUL was passed over: the condition was skipped, and the delete went through.
TEST_F(BatchesOverHttp, NothingInTheControlEntryIsPassedOver) {
  ASSERT_EQ(put("a", number(1)).status, 201U);
  const std::string none = R"("conditions":[{"key":"b","if_match":"*"}])";
  const std::string controls[] = {
      std::string("{\"delete\":[\"a\"]}\0,", 18) + none + '}',
      std::string("{\"delete\":[\"a\"]}\0{", 18) + none + '}',
      "\xef\xbb\xbf{\"delete\":[\"a\"]}",
      R"({"delete":["a"]} {)" + none + '}',
      R"({"delete":["a"],)" + none + R"(,"conditions":[]})",
      R"({"delete":["a"],)" + none + R"(,"condition\u0073":[]})",
      R"({"delete":["a"],"conditions":[{"key":"b","if_match":"*","if_match":"\"\""}]})",
  };
  for (const std::string& control : controls) {
    const HttpResponse refused = commit(tar_entry(".sconce-batch.json", control) + tar_end());
    EXPECT_EQ(refused.status, 400U) << control;
    EXPECT_NE(refused.body.find("`.sconce-batch.json`: byte "), std::string::npos) << refused.body;
    EXPECT_EQ(ascii_of("a"), number(1)) << control;
  }
}

/// As `tar c .` writes it.
TEST_F(BatchesOverHttp, WhatABatchDoesMayFollowTheFolderThatItLiesIn) {
  ASSERT_EQ(put("a", number(1)).status, 201U);
  const std::string control = tar_entry("./", "", '5') + tar_entry("./" + kControl, R"({"delete":["a"]})");
  const HttpResponse committed = commit(control + tar_entry("./b", number(2)) + tar_end());
  EXPECT_EQ(committed.status, 200U) << committed.body;
  EXPECT_EQ(json::parse(committed.body).at("deleted"), 1);
  EXPECT_EQ(ascii_of("b"), number(2));
}

TEST_F(BatchesOverHttp, AreLargerThanWhatTheyHoldInMemory) {
  std::string tar;
  const std::string object = read_golden("Float_10k.binary.ref.t7");
  for (int i = 0; i < 90; ++i) tar += tar_entry(std::to_string(i), object);
  ASSERT_GT(tar.size(), 3'000'000U);
  ASSERT_EQ(commit(tar + tar_end()).status, 200U);
  ASSERT_EQ(commit(tar.substr(0, tar.size() - 512)).status, 400U);  // the same again, cut off
  for (const std::string key : {"0", "30", "89"}) {
    EXPECT_TRUE(send({.target = "/v1/objects/" + key}).body == object) << key;
  }
  server_.send_signal(SIGKILL);
  server_.wait();
  const ServerProcess again(directory_.path() / "data");
  for (const std::string key : {"0", "30", "89"}) {
    EXPECT_TRUE(http(again.port(), {.target = "/v1/objects/" + key}).body == object) << key;
  }
}

TEST_F(BatchesOverHttp, AClientThatDisappearsLeavesNothing) {
  const std::string tar =
      tar_entry("a", number(1)) + tar_entry("b", read_golden("Float_10k.binary.ref.t7")) + tar_end();
  const std::string text =
      text_of({.method = "POST", .target = "/v1/batch/commit", .fields = {}, .body = tar + std::string(200'000, '\0')});
  {
    HttpConnection connection(server_.port());
    connection.send(text.substr(0, text.size() - 10));
  }
  EXPECT_EQ(keys(), "");
  EXPECT_EQ(commit(tar).status, 200U);
}

TEST(RequiredConditions, AWriteWithoutOneIsRefused) {
  const TemporaryDirectory directory;
  const ServerProcess server(directory.path() / "data", {"--require-conditions"});
  const auto send = [&](const std::string& method, const std::string& target, std::vector<std::string> fields = {},
                        const std::string& body = "") {
    return http(server.port(), {.method = method, .target = target, .fields = std::move(fields), .body = body});
  };
  const HttpResponse refused = send("PUT", "/v1/objects/a", {}, number(1));
  EXPECT_EQ(refused.status, 428U);
  EXPECT_EQ(json::parse(refused.body).at("code"), "precondition_required");
  const HttpResponse created = send("PUT", "/v1/objects/a", {"If-None-Match: *"}, number(1));
  EXPECT_EQ(created.status, 201U);
  EXPECT_EQ(send("DELETE", "/v1/objects/a").status, 428U);
  const std::string tar = tar_entry("b", number(1)) + tar_end();
  EXPECT_EQ(send("POST", "/v1/batch/commit", {}, tar).status, 428U);
  EXPECT_EQ(send("POST", "/v1/batch/commit?if_none_match=*", {}, tar).status, 200U);
  EXPECT_EQ(send("DELETE", "/v1/objects/a", {"If-Match: " + created.field("etag")}).status, 204U);
}

/// 50 objects, 40 times.
TEST(Compacting, GivesBackSpace) {
  const TemporaryDirectory directory;
  const ServerProcess server(directory.path() / "data");
  const std::string object = read_golden("Float_10k.binary.ref.t7");
  std::string tar;
  for (int i = 0; i < 50; ++i) tar += tar_entry(std::to_string(i), object);
  for (int round = 0; round < 40; ++round) {
    ASSERT_EQ(
        http(server.port(), {.method = "POST", .target = "/v1/batch/commit", .fields = {}, .body = tar + tar_end()})
            .status,
        200U);
  }
  const auto bytes = [&] {
    std::uint64_t sum = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(directory.path())) {
      if (file.path().filename() == "ballast") continue;  // space that is kept
      std::error_code gone;                               // a file may go meanwhile
      const std::uintmax_t size = file.is_regular_file(gone) ? file.file_size(gone) : 0;
      if (!gone) sum += size;
    }
    return sum;
  };
  EXPECT_GT(bytes(), 2 * 50 * object.size());
  EXPECT_EQ(http(server.port(), {.method = "POST", .target = "/v1/admin/compact"}).status, 204U);
  EXPECT_LE(bytes(), 2 * 50 * object.size());
  EXPECT_TRUE(http(server.port(), {.target = "/v1/objects/7"}).body == object);
}

}  // namespace
}  // namespace sconce::tests
