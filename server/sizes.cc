#include "server/sizes.h"

#include <algorithm>

namespace sconce::server {

namespace {

constexpr std::uint64_t operator""_MiB(unsigned long long count) { return count << 20U; }

unsigned chosen(unsigned configured, unsigned by_default) { return configured != 0 ? configured : by_default; }

std::string mebibytes(std::uint64_t bytes) { return std::to_string(bytes >> 20U) + " MiB"; }

}  // namespace

Sizes sizes_of(const Config& config, const Machine& machine) {
  const std::uint64_t memory = config.memory_granted_bytes.value_or(machine.memory_bytes);
  const auto part = [memory](std::uint64_t divisor, std::uint64_t least, std::uint64_t most) {
    return std::clamp(memory / divisor, least, most);
  };
  return {.memory_bytes = memory,
          .cache_bytes = config.cache_bytes.value_or(part(8, 8_MiB, 1024_MiB)),
          .write_buffer_bytes = part(16, 4_MiB, 64_MiB),
          .request_bytes = config.memory_bytes_max.value_or(part(4, 32_MiB, 512_MiB)),
          .outline_bytes = part(32, 1_MiB, 32_MiB),
          .held_bytes_max = config.held_bytes_max.value_or(part(32, 1_MiB, 64_MiB)),
          .expanded_bytes_max = config.expanded_bytes_max.value_or(part(16, 4_MiB, 256_MiB)),
          .processors = machine.processors,
          .io_threads = chosen(config.io_threads, machine.processors),
          .worker_threads = chosen(config.worker_threads, std::max(16U, 4 * machine.processors)),
          .bulk_threads = chosen(config.bulk_threads, std::max(2U, machine.processors))};
}

std::string to_string(const Sizes& sizes) {
  return "memory " + mebibytes(sizes.memory_bytes) + ": cache " + mebibytes(sizes.cache_bytes) + ", requests " +
         mebibytes(sizes.request_bytes) + ", write buffers " + mebibytes(sizes.write_buffer_bytes) +
         ", objects held whole " + mebibytes(sizes.held_bytes_max) + "; processors " +
         std::to_string(sizes.processors) + ": threads " + std::to_string(sizes.io_threads) + " for I/O, " +
         std::to_string(sizes.worker_threads) + " for reads, " + std::to_string(sizes.worker_threads) +
         " for writes, " + std::to_string(sizes.bulk_threads) + " for bulk";
}

}  // namespace sconce::server
