// What converting allocates at most, by events and through an object graph, for tables of different sizes.
//
//   core_memory
//
// Counts what operator new hands out. Prints a Markdown table.

#include <malloc.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <span>
#include <string>

#include "bench/core_objects.h"
#include "core/bytes/byte_sink.h"
#include "core/graph/serialize.h"
#include "core/graph/transcode.h"

namespace {

std::size_t allocated_bytes = 0;
std::size_t allocated_bytes_max = 0;

void* allocate(std::size_t size, std::size_t alignment = alignof(std::max_align_t)) {
  void* memory = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  allocated_bytes += malloc_usable_size(memory);
  allocated_bytes_max = std::max(allocated_bytes_max, allocated_bytes);
  return memory;
}
void release(void* memory) {
  allocated_bytes -= malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }

namespace {

using namespace sconce;
using core::Format;

/// The most that was allocated at once beyond what was before, in KiB.
template <class Work>
double peak_kib(Work work) {
  const std::size_t before = allocated_bytes_max = allocated_bytes;
  work();
  return static_cast<double>(allocated_bytes_max - before) / 1024;
}

void convert(const std::string& bytes, Format from, Format to) {
  core::CountingSink out;
  const auto used = core::transcode(std::as_bytes(std::span(bytes)), out, {.from = from, .to = to});
  if (!used) {
    std::fprintf(stderr, "core_memory: %s\n", core::to_string(used.error()).c_str());
    std::exit(1);
  }
}

}  // namespace

int main() {
  std::printf("\n| entries | ascii to binary | binary to ascii | the object graph |\n|---|---|---|---|\n");
  for (const std::size_t count : {2'000UZ, 20'000UZ, 200'000UZ, 2'000'000UZ}) {
    const core::Object object = bench::make_small_entries(count);
    const std::string ascii = core::serialize(object, Format::ascii).value();
    const std::string binary = core::serialize(object, Format::binary).value();
    std::printf("| %zu | %.0f KiB | %.0f KiB | %.0f KiB |\n", count,
                peak_kib([&] { convert(ascii, Format::ascii, Format::binary); }),
                peak_kib([&] { convert(binary, Format::binary, Format::ascii); }),
                peak_kib([&] { (void)core::deserialize(binary, Format::binary).value(); }));
  }
  return 0;
}
