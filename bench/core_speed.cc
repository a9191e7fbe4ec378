// The four calls of Torch and conversions, against Torch7's own figures and against copying memory.
//
//   core_speed DIRECTORY [ROUNDS [GROUP]]
//
// GROUP is memory, floats, doubles, table or transcode; without it, all of them. Prints Markdown tables. Torch7's
// figures are those measured with LuaJIT 2.1 on such a machine; `DIRECTORY` takes a file of 64 MiB for a moment.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

#include "bench/core_objects.h"
#include "bench/latency.h"
#include "bench/turns.h"
#include "core/bytes/byte_sink.h"
#include "core/graph/serialize.h"
#include "core/graph/transcode.h"

namespace {

using namespace sconce;
using bench::TurnRow;
using bench::Values;
using core::Format;

constexpr double kMiB = 1 << 20;
constexpr std::size_t kEntries = 200'000;

/// Seconds that `work` takes; what it returns goes behind the clock.
template <class Work>
double timed(Work work) {
  const bench::Clock::time_point begin = bench::Clock::now();
  const auto result = work();
  const double seconds = bench::milliseconds_since(begin) / 1e3;
  if (!result) {
    std::fprintf(stderr, "core_speed: %s\n", core::to_string(result.error()).c_str());
    std::exit(1);
  }
  return seconds;
}

double write(const core::Object& object, Format format) {
  return timed([&] { return core::serialize(object, format); });
}
double read(const std::string& bytes, Format format) {
  return timed([&] { return core::deserialize(bytes, format); });
}
std::string text_of(const core::Object& object, Format format) { return core::serialize(object, format).value(); }

void measure_memory(const std::filesystem::path& directory, int rounds) {
  const core::Object object = bench::make_floats(std::size_t{64} << 20, Values::weights);
  const std::string bytes = text_of(object, Format::binary);
  const std::filesystem::path file = directory / "tensor.t7";
  if (!core::save(file, object)) std::exit(1);
  const core::DeserializeOptions view{.format = Format::binary, .elements = core::Elements::view};
  const auto span = std::as_bytes(std::span(bytes));
  const double size = static_cast<double>(bytes.size()) / kMiB;
  bench::run_in_turns(
      "FloatTensor of 64 MiB, binary",
      {{.name = "copy of a string of that size",
        .run = [&] { return timed([&] { return core::Result<std::string>(bytes); }); },
        .amount = size,
        .unit = "MiB/s"},
       {.name = "`serialize`",
        .run = [&] { return write(object, Format::binary); },
        .amount = size,
        .unit = "MiB/s",
        .against = 0,
        .target = "0.9 ×"},
       {.name = "`deserialize`, copied",
        .run = [&] { return read(bytes, Format::binary); },
        .amount = size,
        .unit = "MiB/s",
        .against = 0,
        .target = "0.9 ×"},
       {.name = "`load`, mapped", .run = [&] { return timed([&] { return core::load(file); }); }, .target = "< 1 ms"},
       {.name = "`deserialize` as a view",
        .run = [&] { return timed([&] { return core::deserialize(span, view); }); },
        .target = "< 100 µs"}},
      rounds);
}

/// Torch7's figures of writing and reading, in MiB of elements a second.
struct TensorPeers {
  double write;
  double read_low;
  double read_high;
};

void measure_text(const std::string& what, const core::Object& weights, const core::Object& patterns,
                  const TensorPeers& peers, int rounds) {
  constexpr double kSize = 4;
  const std::string weights_text = text_of(weights, Format::ascii);
  const std::string patterns_text = text_of(patterns, Format::ascii);
  const auto writing = [&](const char* name, const core::Object& object) -> TurnRow {
    return {.name = name,
            .run = [&] { return write(object, Format::ascii); },
            .amount = kSize,
            .unit = "MiB/s",
            .peer_low = peers.write,
            .peer_high = peers.write,
            .target = "8 ×"};
  };
  const auto reading = [&](const char* name, const std::string& text) -> TurnRow {
    return {.name = name,
            .run = [&] { return read(text, Format::ascii); },
            .amount = kSize,
            .unit = "MiB/s",
            .peer_low = peers.read_low,
            .peer_high = peers.read_high,
            .target = "8 ×"};
  };
  bench::run_in_turns(what + " of 4 MiB, ascii; MiB are those of the elements",
                      {writing("write, weights", weights), reading("read, weights", weights_text),
                       writing("write, random bits", patterns), reading("read, random bits", patterns_text)},
                      rounds);
}

void measure_table(int rounds) {
  const core::Object object = bench::make_small_entries(kEntries);
  const std::string binary = text_of(object, Format::binary);
  const std::string ascii = text_of(object, Format::ascii);
  const auto row = [](const char* name, double peer, const char* target, std::function<double()> run) -> TurnRow {
    return {.name = name,
            .run = std::move(run),
            .amount = kEntries / 1e3,
            .unit = "k/s",
            .peer_low = peer,
            .peer_high = peer,
            .target = target};
  };
  std::printf("\nThe table takes %.1f MB in binary, %.1f MB in ascii.\n", static_cast<double>(binary.size()) / 1e6,
              static_cast<double>(ascii.size()) / 1e6);
  bench::run_in_turns("Table of 200,000 small entries, thousands of entries",
                      {row("binary, write", 170, "30 ×", [&] { return write(object, Format::binary); }),
                       row("binary, read", 277, "20 ×", [&] { return read(binary, Format::binary); }),
                       row("ascii, write", 145, "20 ×", [&] { return write(object, Format::ascii); }),
                       row("ascii, read", 240, "15 ×", [&] { return read(ascii, Format::ascii); })},
                      rounds);
}

std::string transcoded(const std::string& bytes, Format from, Format to) {
  std::string out;
  core::StringSink sink(out);
  if (!core::transcode(std::as_bytes(std::span(bytes)), sink, {.from = from, .to = to})) std::exit(1);
  return out;
}

void measure_transcoding(int rounds) {
  const std::string ascii = text_of(bench::make_small_entries(kEntries), Format::ascii);
  const auto by_events = [&] {
    return timed([&] {
      return core::Result<std::string>(
          transcoded(transcoded(ascii, Format::ascii, Format::binary), Format::binary, Format::ascii));
    });
  };
  const auto by_graphs = [&] {
    return timed([&]() -> core::Result<std::string> {
      const std::string binary = text_of(core::deserialize(ascii, Format::ascii).value(), Format::binary);
      return core::serialize(core::deserialize(binary, Format::binary).value(), Format::ascii);
    });
  };
  bench::run_in_turns("The same table from ascii to binary and back, thousands of entries",
                      {{.name = "through object graphs", .run = by_graphs, .amount = kEntries / 1e3, .unit = "k/s"},
                       {.name = "by events",
                        .run = by_events,
                        .amount = kEntries / 1e3,
                        .unit = "k/s",
                        .against = 0,
                        .target = "> 1 ×, in constant memory"}},
                      rounds);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "core_speed DIRECTORY [ROUNDS [GROUP]]\n");
    return 2;
  }
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 15;
  const std::string group = argc > 3 ? argv[3] : "";
  const auto wanted = [&](const char* name) { return group.empty() || group == name; };
  constexpr std::size_t kSmall = std::size_t{4} << 20;
  if (wanted("memory")) measure_memory(argv[1], rounds);
  if (wanted("floats")) {
    measure_text("FloatTensor", bench::make_floats(kSmall, Values::weights),
                 bench::make_floats(kSmall, Values::patterns), {.write = 21, .read_low = 29, .read_high = 34}, rounds);
  }
  if (wanted("doubles")) {
    measure_text("DoubleTensor", bench::make_doubles(kSmall, Values::weights),
                 bench::make_doubles(kSmall, Values::patterns), {.write = 31, .read_low = 42, .read_high = 42}, rounds);
  }
  if (wanted("table")) measure_table(rounds);
  if (wanted("transcode")) measure_transcoding(rounds);
  return 0;
}
