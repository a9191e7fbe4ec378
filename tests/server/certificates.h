#pragma once

#include <memory>
#include <string>

namespace sconce::tests {

/// In PEM.
struct Certificate {
  std::string chain;
  std::string key;
};

/// A key of RSA, in PEM.
std::string rsa_key();
/// The same key, in PEM that takes a passphrase.
std::string with_passphrase(const std::string& key);

/// An authority of its own, made when it is asked for: nothing secret stands in the repository.
class Authority {
 public:
  explicit Authority(const std::string& name = "Authority");
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  /// Its own certificate, in PEM.
  std::string certificate() const;
  /// For servers and clients; valid for a day. `names` are as in `DNS:localhost,IP:127.0.0.1`.
  Certificate issue(const std::string& common_name, const std::string& names = "DNS:localhost,IP:127.0.0.1") const;
  /// The same, but its time is over.
  Certificate issue_expired(const std::string& common_name) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace sconce::tests
