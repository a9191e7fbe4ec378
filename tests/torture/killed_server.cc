#include "tests/torture/killed_server.h"

#include <signal.h>

#include <stdexcept>

#include "tests/server/http_client.h"
#include "tests/support/tar.h"
#include "tests/torture/content.h"

namespace sconce::tests {

namespace {

using Outcome = Operation::Outcome;

class HttpTortureClient final : public Client {
 public:
  explicit HttpTortureClient(std::uint16_t port) : connection_(port) {}

  Reply read(const std::string& key) override {
    const HttpResponse response = connection_.exchange({.target = "/v1/objects/" + key});
    if (response.status == 404 && response.whole) return {.outcome = Outcome::applied};
    if (response.status != 200) return unexpected(response);
    if (!response.whole) return {};  // it was killed meanwhile
    const auto value = value_of(response.body);
    if (!value) return {.fault = "GET " + key + " gave bytes that nobody wrote"};
    return {.outcome = Outcome::applied, .value = *value, .version = response.field("etag")};
  }

  Reply write(const std::string& key, const std::string& object, const Guard& guard) override {
    HttpRequest request{.method = "PUT", .target = "/v1/objects/" + key, .fields = {}, .body = object};
    if (guard.kind == Guard::Kind::absent) request.fields = {"If-None-Match: *"};
    if (guard.kind == Guard::Kind::version) request.fields = {"If-Match: " + guard.version};
    return written(connection_.exchange(request), {200, 201}, 412);
  }

  Reply remove(const std::string& key) override {
    return written(connection_.exchange({.method = "DELETE", .target = "/v1/objects/" + key}), {204}, 404);
  }

  Reply write_all(std::span<const std::string> keys, std::span<const std::string> objects) override {
    std::string tar;
    for (std::size_t i = 0; i < keys.size(); ++i) tar += tar_entry(keys[i], objects[i]);
    return written(
        connection_.exchange({.method = "POST", .target = "/v1/batch/commit", .fields = {}, .body = tar + tar_end()}),
        {200}, 0);
  }

 private:
  static Reply written(const HttpResponse& response, std::initializer_list<unsigned> applied, unsigned refused) {
    for (const unsigned status : applied) {
      if (response.status == status) return {.outcome = Outcome::applied, .version = response.field("etag")};
    }
    if (refused != 0 && response.status == refused) return {.outcome = Outcome::refused};
    return unexpected(response);
  }

  static Reply unexpected(const HttpResponse& response) {
    if (response.status == 0) return {};
    return {.fault = "the server answered " + std::to_string(response.status) + ": " + response.body};
  }

  HttpConnection connection_;
};

}  // namespace

KilledServer::KilledServer(std::filesystem::path data, std::function<void()> before)
    : data_(std::move(data)), before_(std::move(before)) {
  start();
}

std::unique_ptr<Client> KilledServer::connect() { return std::make_unique<HttpTortureClient>(server_->port()); }

void KilledServer::strike() { server_->send_signal(SIGKILL); }

void KilledServer::restore() {
  wait_for_end();
  start();
}

void KilledServer::close() {
  server_->send_signal(SIGTERM);
  if (server_->wait() != 0) throw std::runtime_error("the server does not end in peace: " + server_->log());
}

void KilledServer::wait_for_end() { server_->wait(); }

void KilledServer::start() {
  server_.emplace(data_, std::vector<std::string>(), before_);
  if (server_->port() == 0) throw std::runtime_error("the server does not start: " + server_->log());
}

std::uint16_t KilledServer::port() const { return server_->port(); }

}  // namespace sconce::tests
