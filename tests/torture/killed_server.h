#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "tests/server/server_process.h"
#include "tests/torture/client.h"

namespace sconce::tests {

/// `sconce serve`, struck with SIGKILL.
class KilledServer final : public Victim {
 public:
  /// `before`: as ServerProcess has it.
  explicit KilledServer(std::filesystem::path data, std::function<void()> before = {});

  std::unique_ptr<Client> connect() override;
  void strike() override;
  void restore() override;
  void close() override;

  // What `restore` does.
  void wait_for_end();
  void start();

  std::uint16_t port() const;

 private:
  const std::filesystem::path data_;
  const std::function<void()> before_;
  std::optional<ServerProcess> server_;
};

}  // namespace sconce::tests
