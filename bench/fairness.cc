// How long small GETs take while large uploads are parsed.
//
//   fairness PORT [UPLOADS BYTES]
//
// So many uploads of so many bytes of ascii at once, each on a connection of its own, and beside them GETs of 4
// KB, 50 a second on each of 4 connections. A GET counts from when it was due, so that one that waited delays the next
// ones, too. Prints milliseconds without uploads and with them: median, the 99th of a hundred, and the longest.

#include <atomic>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "bench/http_client.h"
#include "bench/latency.h"
#include "bench/random_tensor.h"

namespace {

using namespace sconce::bench;

constexpr std::size_t kGetters = 4;
constexpr std::chrono::milliseconds kPeriod(20);

/// A torch.DoubleTensor as Torch7 writes it in ascii, with 17 digits each.
std::string ascii_tensor(std::size_t bytes) {
  constexpr std::size_t kElementBytes = sizeof "0.12345678901234567";
  const std::string count = std::to_string(bytes / kElementBytes);
  std::string text = "4\n1\n3\nV 1\n18\ntorch.DoubleTensor\n1\n" + count + "\n1\n1\n4\n2\n3\nV 1\n19\n";
  text += "torch.DoubleStorage\n" + count + "\n";
  std::uint64_t state = 1;
  for (std::size_t i = 0; i < bytes / kElementBytes; ++i) {
    state = state * 6364136223846793005 + 1442695040888963407;
    char digits[32];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), 10'000'000'000'000'000 + (state >> 11U)).ptr;
    text.append("0.").append(digits, end).append(i + 1 < bytes / kElementBytes ? " " : "\n");
  }
  return text;
}

struct Gets {
  std::mutex mutex = {};
  std::vector<double> ms = {};
};

/// Until `stop` is true.
void get_steadily(std::uint16_t port, Clock::time_point due, const std::atomic<bool>& stop, Gets& gets) {
  HttpClient client(port);
  const std::string head = get_head("/v1/objects/small");
  for (; !stop; due += kPeriod) {
    std::this_thread::sleep_until(due);
    client.exchange(head);
    const double ms = milliseconds_since(due);
    const std::lock_guard lock(gets.mutex);
    gets.ms.push_back(ms);
  }
}

/// Measures GETs while `others` runs.
void measure(const char* name, std::uint16_t port, const std::function<void()>& others) {
  Gets gets;
  std::atomic<bool> stop = false;
  std::vector<std::thread> getters;
  const Clock::time_point begin = Clock::now();
  for (std::size_t i = 0; i < kGetters; ++i) {
    getters.emplace_back(get_steadily, port, begin + i * kPeriod / kGetters, std::cref(stop), std::ref(gets));
  }
  others();
  const double seconds = milliseconds_since(begin) / 1000;
  stop = true;
  for (std::thread& getter : getters) getter.join();
  const double middle = median(gets.ms);
  const double late = percentile(gets.ms, 0.99);
  std::printf("%s: %zu GETs of 4 KB in %.1f s: median %.2f ms, 99th %.2f ms, longest %.2f ms\n", name, gets.ms.size(),
              seconds, middle, late, percentile(gets.ms, 1));
}

void upload_all(std::uint16_t port, std::size_t uploads, const std::string& text) {
  std::vector<std::thread> uploaders;
  for (std::size_t i = 0; i < uploads; ++i) {
    uploaders.emplace_back([port, i, &text] {
      HttpClient client(port);
      client.exchange(put_head("large-" + std::to_string(i) + "?format=ascii", text.size()), text);
    });
  }
  for (std::thread& uploader : uploaders) uploader.join();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "fairness PORT [UPLOADS BYTES]\n");
    return 2;
  }
  const auto argument = [&](int i, std::size_t otherwise) {
    return i < argc ? std::strtoull(argv[i], nullptr, 10) : otherwise;
  };
  const auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  const std::size_t uploads = argument(2, 50);
  const std::string text = ascii_tensor(argument(3, 100'000'000));
  const std::string small = random_tensor(4000);
  HttpClient(port).exchange(put_head("small", small.size()), small);
  measure("alone", port, [] { std::this_thread::sleep_for(std::chrono::seconds(3)); });
  const std::string name = std::to_string(uploads) + " uploads of " + std::to_string(text.size()) + " bytes of ascii";
  measure(name.c_str(), port, [&] { upload_all(port, uploads, text); });
  return 0;
}
