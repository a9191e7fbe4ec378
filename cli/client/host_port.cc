#include "cli/client/host_port.h"

#include <charconv>

namespace sconce::cli {

std::optional<HostPort> parse_host_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  HostPort parsed{};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), parsed.port);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;

  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty() || host.find_first_of("[]/") != std::string_view::npos) return std::nullopt;
  if (!bracketed && host.contains(':')) return std::nullopt;
  parsed.host = host;
  return parsed;
}

}  // namespace sconce::cli
