// Compares the text of numbers with what C's printf writes and strtof and strtod read, for as many as are asked for.
//
//   prove_text [--floats] [--doubles N] [--texts N] [--seed S] [--threads T]
//
// --floats: all 2^32 floats. --doubles: N doubles, half random bits, half short decimals. --texts: N random texts, read
// as floats and as doubles. Prints how many were compared and how many differ; fails if any does.

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/text/text_proof.h"

namespace {

using sconce::testing::TextProof;

constexpr std::uint64_t kBlock = std::uint64_t{1} << 18;

/// Proves blocks 0 to `blocks` - 1, on so many threads, and says how it ended. Returns whether nothing differed.
bool run(const char* what, std::uint64_t blocks, unsigned threads,
         const std::function<TextProof(std::uint64_t)>& prove) {
  const auto begin = std::chrono::steady_clock::now();
  std::atomic<std::uint64_t> next = 0;
  std::mutex mutex;
  TextProof all;
  const auto work = [&] {
    for (std::uint64_t block = next++; block < blocks; block = next++) {
      const TextProof proof = prove(block);
      const std::lock_guard lock(mutex);
      all.add(proof);
    }
  };
  std::vector<std::jthread> workers;
  for (unsigned i = 0; i < threads; ++i) workers.emplace_back(work);
  workers.clear();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  for (const std::string& example : all.examples) std::printf("  %s\n", example.c_str());
  std::printf("%s: %llu compared, %llu differ; %.0f s on %u threads\n", what,
              static_cast<unsigned long long>(all.numbers), static_cast<unsigned long long>(all.mismatches), seconds,
              threads);
  std::fflush(stdout);
  return all.mismatches == 0;
}

TextProof prove_floats(std::uint64_t block) {
  std::vector<float> numbers(kBlock);
  for (std::uint64_t i = 0; i < kBlock; ++i)
    numbers[i] = std::bit_cast<float>(static_cast<std::uint32_t>(block * kBlock + i));
  return sconce::testing::prove_numbers<float>(numbers);
}

TextProof prove_doubles(std::uint64_t seed) {
  return sconce::testing::prove_numbers<double>(sconce::testing::random_numbers<double>(seed, kBlock));
}

TextProof prove_texts(std::uint64_t seed) {
  const std::string texts = sconce::testing::random_texts(seed, kBlock);
  TextProof proof = sconce::testing::prove_texts<double>(texts, kBlock);
  proof.add(sconce::testing::prove_texts<float>(texts, kBlock));
  return proof;
}

}  // namespace

int main(int argc, char** argv) {
  bool floats = false;
  std::uint64_t doubles = 0;
  std::uint64_t texts = 0;
  std::uint64_t seed = 1;
  unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    const auto value = [&] { return ++i < argc ? std::strtoull(argv[i], nullptr, 10) : 0; };
    if (flag == "--floats") floats = true;
    else if (flag == "--doubles") doubles = value();
    else if (flag == "--texts") texts = value();
    else if (flag == "--seed") seed = value();
    else if (flag == "--threads") threads = static_cast<unsigned>(value());
    else {
      std::fprintf(stderr, "prove_text [--floats] [--doubles N] [--texts N] [--seed S] [--threads T]\n");
      return 2;
    }
  }
  const auto blocks_of = [](std::uint64_t numbers) { return (numbers + kBlock - 1) / kBlock; };
  bool proven = true;
  if (floats) proven = run("floats", (std::uint64_t{1} << 32) / kBlock, threads, prove_floats) && proven;
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  // Seeds lie apart, so that another --seed gives other numbers.
  const std::uint64_t first = seed << 32;
  if (doubles > 0) {
    proven = run("doubles", blocks_of(doubles), threads, [=](std::uint64_t i) { return prove_doubles(first + i); }) &&
             proven;
  }
  if (texts > 0) {
    proven = run("texts", blocks_of(texts), threads, [=](std::uint64_t i) { return prove_texts(first + i); }) && proven;
  }
  return proven ? 0 : 1;
}
