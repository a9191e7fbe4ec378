#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

#include "tests/server/server_process.h"
#include "tests/server/small_volume.h"
#include "tests/support/files.h"
#include "tests/torture/soak/figures.h"
#include "tests/torture/soak/worker.h"

namespace sconce::tests {

/// A server on a volume that is kept 95 % full, with clients that know what each key must hold.
class Soak {
 public:
  Soak(std::uint64_t volume_bytes, std::uint64_t seed);

  // Each throws std::runtime_error, a sentence, where the server does what no store may do.
  /// Until the volume is full.
  void fill();
  /// Clients at work for so long.
  SoakMinute work_for(std::chrono::seconds time);
  /// Reads everything, starts the server again, reads everything, and runs `sconce check`. Returns the objects.
  std::uint64_t end();

 private:
  void start();
  void stop();
  bool is_full() const;
  std::uint64_t used_bytes() const;
  /// Runs this on each worker, on threads of their own.
  void on_all(const std::function<void(SoakWorker&)>& run);
  std::uint64_t read_all();

  const std::uint64_t volume_bytes_;
  const TemporaryDirectory directory_;
  const SmallVolume volume_;
  std::optional<ServerProcess> server_;
  SoakFigures figures_;
  std::atomic<std::int64_t> live_bytes_ = 0;
  std::deque<SoakWorker> workers_;
};

}  // namespace sconce::tests
