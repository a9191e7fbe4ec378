// How many source files a request goes through: `./x walk`.

#include <algorithm>
#include <chrono>
#include <iomanip>
#include <iostream>
#include <stdexcept>
#include <string_view>
#include <thread>

#include "server/storage/rocksdb/store.h"
#include "tests/http/local_server.h"
#include "tests/server/http_client.h"
#include "tests/support/files.h"
#include "tests/walk/walk.h"

namespace sconce::tests {
namespace {

constexpr std::size_t kElements = 1000;  // of 4 bytes: about 4 KiB

/// What a thread does once the answer has been sent is over by then.
constexpr std::chrono::milliseconds kQuietTime(50);

// The shortest walk is the request's own; in others something else happened at the same time.
constexpr int kRounds = 5;

struct Walked {
  std::string_view title;
  HttpRequest request;
};

/// A tensor in ascii, that comes after `index` other values.
std::string tensor(int index) {
  std::string text = "4\n" + std::to_string(index + 1) + "\n3\nV 1\n17\ntorch.FloatTensor\n1\n" +
                     std::to_string(kElements) + "\n1\n1\n4\n" + std::to_string(index + 2) +
                     "\n3\nV 1\n18\ntorch.FloatStorage\n" + std::to_string(kElements) + "\n";
  for (std::size_t i = 0; i < kElements; ++i) text += std::to_string(i) + (i + 1 < kElements ? " " : "\n");
  return text;
}

std::string table_with_tensor() { return "3\n1\n1\n2\n6\nweight\n" + tensor(1); }

std::vector<Entered> walk_of(HttpConnection& connection, const HttpRequest& request) {
  std::vector<Entered> shortest;
  for (int round = 0; round < kRounds; ++round) {
    begin_recording();
    const HttpResponse response = connection.exchange(request);
    std::this_thread::sleep_for(kQuietTime);
    std::vector<Entered> walk = end_recording();
    if (response.status >= 300 || response.status < 200) throw std::runtime_error("not answered: " + response.body);
    if (round == 0 || walk.size() < shortest.size()) shortest = std::move(walk);
  }
  return shortest;
}

void print_row(std::string_view title, const WalkCounts& counts) {
  std::cout << "| " << title << " | " << counts.files << " | " << counts.switches << " | " << counts.calls << " |";
  for (const auto& [room, files] : counts.files_of_room) std::cout << ' ' << room << ' ' << files;
  std::cout << " |\n";
}

void print_calls(std::string_view title, const std::vector<Entered>& walk,
                 const std::map<std::uintptr_t, SourceFunction>& functions) {
  std::cout << '\n' << title << '\n';
  for (const Entered& entered : walk) {
    const SourceFunction& function = functions.at(entered.function);
    std::cout << std::setw(3) << entered.thread << ' ' << function.file << "  " << function.name << '\n';
  }
}

int run(bool with_calls) {
  const TemporaryDirectory directory;
  auto store = server::storage::open_rocksdb_store({.directory = directory / "data"});
  if (!store) throw std::runtime_error(core::to_string(store.error()));
  const LocalServer server(**store);
  HttpConnection connection(server.port());
  const HttpRequest put_small{
      .method = "PUT", .target = "/v1/objects/small?format=ascii", .fields = {}, .body = tensor(0)};
  // Stored as it comes: what is measured is a PUT of canonical bytes.
  connection.exchange(put_small);
  const std::string canonical = connection.exchange({.target = "/v1/objects/small"}).body;
  connection.exchange({.method = "PUT", .target = "/v1/objects/table", .fields = {}, .body = table_with_tensor()});
  const Walked all[] = {
      {"PUT 4 KiB", {.method = "PUT", .target = "/v1/objects/small", .fields = {}, .body = canonical}},
      {"GET 4 KiB, in memory", {.target = "/v1/objects/small"}},
      {"GET a part", {.target = "/v1/objects/table?path=weight&format=npy"}},
  };
  if (!with_calls)
    std::cout << "| request | .cc files | switches of file | calls | files of rooms |\n|---|---|---|---|---|\n";
  for (const Walked& each : all) {
    const std::vector<Entered> walk = walk_of(connection, each.request);
    const auto functions = source_functions(walk, SCONCE_SOURCE_DIR "/");
    if (with_calls) print_calls(each.title, walk, functions);
    else print_row(each.title, counts_of(walk, functions));
  }
  return 0;
}

}  // namespace
}  // namespace sconce::tests

int main(int count, char** arguments) {
  const bool with_calls = count == 2 && std::string_view(arguments[1]) == "--calls";
  if (count > 1 && !with_calls) {
    std::cerr << "usage: walk [--calls]\n";
    return 2;
  }
  try {
    return sconce::tests::run(with_calls);
  } catch (const std::exception& error) {
    std::cerr << "walk: " << error.what() << '\n';
    return 1;
  }
}
