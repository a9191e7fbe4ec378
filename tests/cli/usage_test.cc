#include <gtest/gtest.h>

#include <string>

#include "tests/cli/program.h"

namespace sconce::tests {
namespace {

void expect_usage_error(const std::vector<std::string>& arguments, const std::string& what) {
  const Outcome run = run_sconce(arguments);
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.err, "sconce: " + what + " (see sconce --help)\n");
}

TEST(Usage, ErrorsAreOneLineAndExitWith2) {
  expect_usage_error({}, "A subcommand is required");
  expect_usage_error({"convert", "in.t7"}, "OUT is required");
  const std::string formats = "{ascii,binary,b32,b64,json,npy,npz,safetensors}";
  expect_usage_error({"convert", "a", "b", "--to", "x\ny"}, "--to: x\\ny not in " + formats);
  expect_usage_error({"convert", "a", "b", "--to", "automatic"}, "--to: automatic not in " + formats);
  expect_usage_error({"convert", "a", "b", "--from", "plain-json"},
                     "--from: plain-json not in {automatic,ascii,binary,b32,b64,json,npy,npz,safetensors}");
  expect_usage_error({"convert", "a", "b", "--style", "plain"}, "--style: goes with --to json");
  expect_usage_error({"convert", "a", "b", "--path", "x[1"}, "--path: byte 3: the key must end with a `]`");
  expect_usage_error({"convert", "a", "b", "--slice", "1,x"},
                     "--slice: byte 2: an item is ..., an integer, or start:stop:step");
  expect_usage_error({"inspect", "http://h:1/v1/objects/k", "--from", "b32"},
                     "FILE: an object of a server goes without options on how to read");
  expect_usage_error({"convert", "a", "b", "--referenced", "maybe"}, "--referenced: maybe not in {true,false}");
  expect_usage_error({"serve", "--listen", "localhost"}, "--listen: localhost is not ADDRESS:PORT");
  expect_usage_error({"serve", "--listen", "127.0.0.1:65536"}, "--listen: 127.0.0.1:65536 is not ADDRESS:PORT");
  expect_usage_error({"serve", "--listen", "::1:80"}, "--listen: ::1:80 is not ADDRESS:PORT");
}

TEST(Usage, ACommandThatDoesNotExistIsNamed) {
  expect_usage_error({"inspct", "x.t7"}, "there is no command `inspct`; `inspect` may be meant");
  expect_usage_error({"put"}, "there is no command `put`");
  expect_usage_error({"--data"}, "A subcommand is required");
}

TEST(Usage, WithoutAnythingToCheckExitsWith2) {
  expect_usage_error({"check"}, "FILE or --data is required");
  expect_usage_error({"check", "--from", "ascii"}, "FILE or --data is required");
}

TEST(Usage, AUrlThatIsWrongExitsWith2) {
  const std::string server = "a URL is of the form http[s]://HOST:PORT";
  for (const char* const url : {"store", "ftp://h:1", "http://h", "http://h:1/healthz", "http://h:1 "})
    expect_usage_error({"health", "--url", url}, "--url: " + server);
  for (const char* const url :
       {"http://127.0.0.1:1/v1/objects/", "http://127.0.0.1:1/key", "https://h:1/key", "ftp://h:1/v1/objects/a",
        "http://h/v1/objects/a", "http://h:1/v1/objects/a b", "http://h:1/v1/objects/a#b"})
    expect_usage_error({"inspect", url}, "FILE: " + server + "/v1/objects/KEY");
}

/// What the server finds wrong with the flags alone; what is wrong with a file that they name exits with 1.
TEST(Usage, FlagsThatTheServerRefusesExitWith2) {
  const std::vector<std::string> refused[] = {
      {"--listen", "store.example:0"},
      {"--listen", "0.0.0.0:0"},
      {"--server-names", "https://store.example"},
      {"--cors-origin", "app.example"},
      {"--tokens", "tokens", "--anonymous", "write"},
  };
  for (const std::vector<std::string>& flags : refused) {
    std::vector<std::string> arguments = {"serve", "--data", "/proc/no-such-place"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    const Outcome run = run_sconce(arguments);
    EXPECT_EQ(run.exit_code, 2) << flags[0] << ": " << run.err;
    EXPECT_TRUE(run.err.starts_with("sconce: serve: ")) << run.err;
  }
  EXPECT_EQ(run_sconce({"serve", "--data", "/proc/no-such-place", "--listen", "127.0.0.1:0"}).exit_code, 1);
}

/// CLI11 takes `-1` for 2^64 - 1, `010` for 8, and what is too large for the largest there is.
TEST(Usage, ANumberIsOfDigits) {
  const auto refused = [](const std::string& flag, const std::string& text, const std::string& range) {
    expect_usage_error({"serve", "--data", "/proc/no-such-place", flag + '=' + text},
                       flag + ": " + text + " is not a whole number from " + range);
  };
  const std::string u64 = "18446744073709551615";
  const std::string u32 = "4294967295";
  for (const std::string text : {"-1", "+1", "0x10", "1e3", "1k", "18446744073709551616"}) {
    refused("--cache-bytes", text, "0 to " + u64);
    refused("--memory-granted-bytes", text, "0 to " + u64);
    refused("--memory-bytes-max", text, "0 to " + u64);
    refused("--body-bytes-max", text, "0 to " + u64);
    refused("--held-bytes-max", text, "0 to " + u64);
    refused("--indices-max", text, "0 to " + u64);
    refused("--batch-entries-max", text, "0 to " + u64);
    refused("--connections-max", text, "0 to " + u64);
    refused("--connections-per-address-max", text, "0 to " + u64);
    refused("--requests-max", text, "1 to " + u64);
    refused("--bytes-per-second-min", text, "1 to " + u64);
    refused("--threads", text, "0 to " + u32);
    refused("--worker-threads", text, "0 to " + u32);
    refused("--bulk-threads", text, "0 to " + u32);
    refused("--idle-timeout-ms", text, "0 to " + u32);
    refused("--header-timeout-ms", text, "0 to " + u32);
    refused("--body-timeout-ms", text, "0 to " + u32);
    refused("--write-timeout-ms", text, "0 to " + u32);
    refused("--handshake-timeout-ms", text, "0 to " + u32);
    refused("--shutdown-timeout-ms", text, "0 to " + u32);
    expect_usage_error({"check", "a", "--object=" + text},
                       "--object: " + text + " is not a whole number from 1 to 2147483647");
  }
  refused("--requests-max", "0", "1 to " + u64);
  refused("--idle-timeout-ms", "4294967296", "0 to " + u32);
  // A leading zero is no sign of octal digits: the rest of the command line is looked at.
  EXPECT_EQ(
      run_sconce({"serve", "--data", "/proc/no-such-place", "--listen", "127.0.0.1:0", "--threads", "09"}).exit_code,
      1);
}

TEST(Usage, VersionAndHelpExitWith0) {
  const Outcome version = run_sconce({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_EQ(version.out, "sconce " SCONCE_VERSION "\n");
  const Outcome help = run_sconce({"convert", "--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_TRUE(help.out.starts_with("Write an object in another format\n")) << help.out;
}

}  // namespace
}  // namespace sconce::tests
