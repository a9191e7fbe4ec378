#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/cli/program.h"
#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"

namespace sconce::tests {
namespace {

bool put(const ServerProcess& server, const std::string& key) {
  HttpConnection connection(server.port());
  const HttpResponse answer = connection.exchange({.method = "PUT",
                                                   .target = "/v1/objects/" + key,
                                                   .fields = {"Content-Type: application/octet-stream"},
                                                   .body = read_golden("Float_10k.binary.ref.t7")});
  return answer.status == 201;
}

std::filesystem::path log_in(const std::filesystem::path& data) {
  std::filesystem::path log;
  for (const auto& file : std::filesystem::directory_iterator(data)) {
    if (file.path().extension() == ".log") log = std::max(log, file.path());
  }
  return log;
}

void zero(const std::filesystem::path& file, std::uint64_t begin, std::size_t size) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(static_cast<std::streamoff>(begin));
  stream << std::string(size, '\0');
}

/// A server's data with three objects, of which the log has lost a part of the second.
class DamagedData : public testing::Test {
 protected:
  void SetUp() override {
    ServerProcess server(data_);
    ASSERT_TRUE(put(server, "first"));
    const std::uint64_t begin = std::filesystem::file_size(log_in(data_));
    ASSERT_TRUE(put(server, "second"));
    ASSERT_TRUE(put(server, "third"));
    server.send_signal(SIGKILL);
    server.wait();
    zero(log_in(data_), begin + 8'000, 4'096);
  }
  const TemporaryDirectory directory_;
  const std::string data_ = directory_ / "data";
};

TEST_F(DamagedData, IsRefusedToldAndRepaired) {
  const std::string log = log_in(data_).filename().string();
  ServerProcess refused(data_);
  EXPECT_EQ(refused.wait(), 1);
  EXPECT_NE(refused.log().find(log), std::string::npos) << refused.log();
  EXPECT_NE(refused.log().find("`sconce repair --data " + data_ + "`"), std::string::npos) << refused.log();
  const Outcome checked = run_sconce({"check", "--data", data_});
  EXPECT_EQ(checked.exit_code, 1);
  EXPECT_NE(checked.err.find("sconce repair --data"), std::string::npos) << checked.err;

  const Outcome told = run_sconce({"repair", "--data", data_});
  EXPECT_EQ(told.exit_code, 1);
  EXPECT_TRUE(told.err.starts_with("sconce: " + data_ + ": " + log + ": bytes ")) << told.err;
  EXPECT_TRUE(told.out.ends_with("; 1 damage; nothing was changed: --apply does what is said above\n")) << told.out;
  EXPECT_TRUE(told.out.starts_with(data_ + ": 2 objects are whole, ")) << told.out;

  const Outcome repaired = run_sconce({"repair", "--data", data_, "--apply"});
  EXPECT_EQ(repaired.exit_code, 0);
  EXPECT_TRUE(repaired.out.ends_with("; 1 damage, 1 repaired; the damaged files are kept in `" + data_ +
                                     "/removed-by-repair`\n"))
      << repaired.out;
  EXPECT_EQ(run_sconce({"check", "--data", data_}).exit_code, 0);
  const ServerProcess server(data_);
  HttpConnection connection(server.port());
  EXPECT_EQ(connection.exchange({.target = "/v1/objects/first"}).status, 200U);
  EXPECT_EQ(connection.exchange({.target = "/v1/objects/second"}).status, 404U);
  EXPECT_EQ(connection.exchange({.target = "/v1/objects/third"}).status, 200U);
}

TEST(Repair, DataThatAServerUsesIsLeftAlone) {
  const TemporaryDirectory directory;
  const std::string data = directory / "data";
  const ServerProcess server(data);
  const Outcome run = run_sconce({"repair", "--data", data, "--apply"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find("is it in use by another process?"), std::string::npos) << run.err;
}

TEST(Repair, AFolderThatIsNoStoreIsLeftAlone) {
  const TemporaryDirectory directory;
  directory.write("thesis.txt", "mine");
  const Outcome run = run_sconce({"repair", "--data", directory.path(), "--apply"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err,
            "sconce: " + directory.path().string() + ": there is no store in `" + directory.path().string() + "`\n");
  EXPECT_EQ(directory.names(), std::vector<std::string>{"thesis.txt"});
  EXPECT_EQ(run_sconce({"repair"}).exit_code, 2);
}

}  // namespace
}  // namespace sconce::tests
