#include "server/app.h"

#include <malloc.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "core/files/read_file.h"
#include "server/api/api.h"
#include "server/descriptors.h"
#include "server/machine.h"
#include "server/net/listen_address.h"
#include "server/net/server.h"
#include "server/net/tls.h"
#include "server/observe/log.h"
#include "server/observe/metrics.h"
#include "server/sizes.h"
#include "server/storage/rocksdb/store.h"
#include "server/tokens.h"

namespace sconce::server {

namespace {

core::Status declare_classes(const std::filesystem::path& file, core::ClassLayouts& classes) {
  if (file.empty()) return {};
  const auto text = core::read_file(file);
  if (!text) return std::unexpected(text.error());
  core::Status declared = classes.declare_all(*text);
  if (!declared) declared.error().what = file.string() + ": " + declared.error().what;
  return declared;
}

/// Pieces of bodies and answers come and go with every request. Given back to the system each time, their pages would
/// have to be zeroed for the next one. Few arenas bound what is kept.
void keep_freed_memory() {
  constexpr int kArenasMax = 4;
  constexpr int kKeptBytes = 8 << 20;
  constexpr int kMappedBytesMin = 4 << 20;
  mallopt(M_ARENA_MAX, kArenasMax);
  mallopt(M_TRIM_THRESHOLD, kKeptBytes);
  mallopt(M_MMAP_THRESHOLD, kMappedBytesMin);
}

/// Null: there is to be no TLS.
core::Result<std::unique_ptr<net::TlsCredentials>> load_tls(const Config& config, observe::Log& log) {
  const bool has_both = !config.tls_cert_file.empty() && !config.tls_key_file.empty();
  if (has_both) {
    return net::TlsCredentials::load({.certificate = config.tls_cert_file,
                                      .key = config.tls_key_file,
                                      .client_authorities = config.tls_client_ca_file},
                                     log);
  }
  if (config.tls_cert_file.empty() && config.tls_key_file.empty() && config.tls_client_ca_file.empty()) return nullptr;
  return core::fail(core::ErrorCode::invalid_argument,
                    "TLS takes a certificate and its key: `--tls-cert FILE --tls-key FILE`");
}

TokenSources token_sources(const Config& config) { return {.file = config.tokens_file, .lines = config.tokens_lines}; }

/// A page in a browser on this machine reaches what only this machine does, and without tokens may do everything.
net::SiteOptions site_options(const Config& config) {
  return {.server_names = config.server_names,
          .cors_origins = config.cors_origins,
          .checks_hosts = net::is_loopback(config.listen_host) && !token_sources(config).given()};
}

net::NetOptions net_options(const Config& config, const Sizes& sizes) {
  return {.listen_host = config.listen_host,
          .listen_port = config.listen_port,
          .io_threads = sizes.io_threads,
          .worker_threads = sizes.worker_threads,
          .bulk_threads = sizes.bulk_threads,
          .connections_max = config.connections_max,
          .connections_per_address_max = config.connections_per_address_max,
          .requests_max = config.requests_max,
          .header_bytes_max = config.header_bytes_max,
          .body_bytes_max = config.body_bytes_max,
          .handshake_timeout_ms = config.handshake_timeout_ms,
          .idle_timeout_ms = config.idle_timeout_ms,
          .header_timeout_ms = config.header_timeout_ms,
          .body_timeout_ms = config.body_timeout_ms,
          .write_timeout_ms = config.write_timeout_ms,
          .bytes_per_second_min = config.bytes_per_second_min,
          .shutdown_timeout_ms = config.shutdown_timeout_ms,
          .sites = site_options(config)};
}

/// Errors: invalid_argument, if there are not enough for the connections.
core::Result<Descriptors> descriptors_for(const net::NetOptions& options) {
  constexpr unsigned kOfAnIoThread = 4;  // epoll, timer and interrupter, and one in between
  return share_out_descriptors(
      {.granted = take_all_descriptors(),
       .connections_wanted = options.connections_max,
       .threads = kOfAnIoThread * options.io_threads + 2 * options.worker_threads + options.bulk_threads});
}

std::string described(const Descriptors& descriptors) {
  return "descriptors: " + std::to_string(descriptors.connections_max) + " for connections, " +
         std::to_string(descriptors.tables_open_max) + " for tables of the store, " +
         std::to_string(descriptors.uploads_open_max) + " for uploads";
}

/// Everything is allowed only where nobody else comes, and tokens are not asked for in vain.
core::Result<proto::Anonymous> anonymous_of(const Config& config) {
  const bool has_tokens = token_sources(config).given();
  if (has_tokens && config.anonymous == proto::Anonymous::write) {
    return core::fail(core::ErrorCode::invalid_argument,
                      "tokens are of no use while `--anonymous write` lets everybody write; say `--anonymous read` or "
                      "`--anonymous none`, or leave the tokens out");
  }
  if (config.anonymous) return *config.anonymous;
  if (has_tokens) return proto::Anonymous::nothing;
  if (net::is_loopback(config.listen_host)) return proto::Anonymous::everything;
  return core::fail(
      core::ErrorCode::invalid_argument,
      "others reach " + config.listen_host +
          ", and there are no tokens; give some by `--tokens FILE` or SCONCE_TOKENS, or say what everybody "
          "may do, by `--anonymous read` or `--anonymous write`");
}

std::string_view described(proto::Anonymous anonymous) {
  switch (anonymous) {
    case proto::Anonymous::nothing: return "nothing";
    case proto::Anonymous::read: return "read and list";
    case proto::Anonymous::write: return "everything but admin";
    case proto::Anonymous::everything: return "everything";
  }
  std::unreachable();
}

class WiredApp final : public App {
 public:
  WiredApp(const Config& config, const Sizes& sizes, proto::Anonymous anonymous, core::ClassLayouts classes,
           std::unique_ptr<storage::StorageEngine> store, std::unique_ptr<observe::Log> log)
      : log_(std::move(log)),
        classes_(std::move(classes)),
        outlines_(sizes.outline_bytes),
        spool_directory_(config.data_dir),
        store_(std::move(store)),
        metrics_(store_->counters()),
        memory_(sizes.request_bytes, [this] { metrics_.limit_reached(observe::Limit::memory); }),
        token_sources_(token_sources(config)),
        anonymous_(anonymous),
        access_(anonymous),
        api_({.store = *store_,
              .admin = *store_,
              .scratch = *store_,
              .log = *log_,
              .metrics = metrics_,
              .classes = classes_,
              .outlines = outlines_,
              .memory = &memory_.pool_of(net::MemoryBudget::Client::known),
              .memory_of_strangers = &memory_.pool_of(net::MemoryBudget::Client::stranger),
              .spool_directory = spool_directory_,
              .read_limits = {.header_bytes_max = config.read_header_bytes_max, .indices_max = config.indices_max},
              .held_bytes_max = sizes.held_bytes_max,
              .expanded_bytes_max = sizes.expanded_bytes_max,
              .body_bytes_max = config.body_bytes_max,
              .batch_entries_max = config.batch_entries_max,
              .require_conditions = config.require_conditions},
             access_) {}

  /// Errors: those of read_tokens; the old ones hold on.
  core::Status load_tokens() {
    const std::string everybody = "everybody may do " + std::string(described(anonymous_));
    if (!token_sources_.given()) {
      log_->info(everybody);
      return {};
    }
    auto tokens = read_tokens(token_sources_);
    if (!tokens) return std::unexpected(std::move(tokens.error()));
    const std::size_t count = tokens->size();
    access_.use(std::move(*tokens));
    log_->info(everybody + "; tokens that are known: " + std::to_string(count));
    return {};
  }

  core::Status listen(const net::NetOptions& options, const Config& config, std::unique_ptr<net::TlsCredentials> tls) {
    tls_ = std::move(tls);
    auto server = net::Server::listen(options, api_, *log_, metrics_, memory_, tls_.get(), [this] { reload(); });
    if (!server) return std::unexpected(std::move(server.error()));
    server_ = std::move(*server);
    log_->info("listening on " + net::host_and_port(config.listen_host, server_->port()) + ", data in " +
               config.data_dir.string() + (tls_ ? ", with TLS" : ""));
    return {};
  }

  void run() override {
    server_->run();
    log_->info("stopped");
  }

 private:
  /// What may change without a restart.
  void reload() {
    log_->info("SIGHUP: reading again what may change");
    if (const core::Status loaded = load_tokens(); !loaded) {
      log_->failed("the tokens stay what they were", loaded.error());
    }
    if (tls_ == nullptr) return;
    if (const core::Status read = tls_->reload(); !read) log_->failed("TLS goes on with what it had", read.error());
  }

  std::unique_ptr<observe::Log> log_;
  core::ClassLayouts classes_;
  api::OutlineCache outlines_;
  const std::filesystem::path spool_directory_;
  std::unique_ptr<storage::StorageEngine> store_;
  observe::Metrics metrics_;
  net::MemoryBudget memory_;
  const TokenSources token_sources_;
  const proto::Anonymous anonymous_;
  api::Access access_;
  api::Api api_;
  std::unique_ptr<net::TlsCredentials> tls_;  // null: plaintext
  std::unique_ptr<net::Server> server_;
};

}  // namespace

core::Status check_config(const Config& config) {
  if (!net::listen_address(config.listen_host)) {
    return core::fail(core::ErrorCode::invalid_argument, net::not_an_address(config.listen_host));
  }
  if (auto sites = net::Sites::of(site_options(config)); !sites) return std::unexpected(std::move(sites.error()));
  if (auto anonymous = anonymous_of(config); !anonymous) return std::unexpected(std::move(anonymous.error()));
  return {};
}

core::Result<std::unique_ptr<App>> App::start(const Config& config) {
  if (core::Status checked = check_config(config); !checked) return std::unexpected(std::move(checked.error()));
  core::ClassLayouts classes;
  if (core::Status declared = declare_classes(config.classes_file, classes); !declared) {
    return std::unexpected(std::move(declared.error()));
  }
  const core::Result<proto::Anonymous> anonymous = anonymous_of(config);
  if (!anonymous) return std::unexpected(anonymous.error());
  const Sizes sizes = sizes_of(config, machine_granted());
  net::NetOptions options = net_options(config, sizes);
  const core::Result<Descriptors> descriptors = descriptors_for(options);
  if (!descriptors) return std::unexpected(descriptors.error());
  options.connections_max = descriptors->connections_max;
  keep_freed_memory();
  std::signal(SIGPIPE, SIG_IGN);  // who reads the log may leave
  std::signal(SIGXFSZ, SIG_IGN);  // a write beyond a limit on the size of files fails, as any other may
  std::signal(SIGHUP, SIG_IGN);   // until there is somebody to reload; by itself it would end the process
  auto log = std::make_unique<observe::Log>();
  auto tls = load_tls(config, *log);
  if (!tls) return std::unexpected(std::move(tls.error()));
  log->info("sconce " SCONCE_VERSION ", data in " + config.data_dir.string() + "; " + to_string(sizes) + "; " +
            described(*descriptors));
  const auto report = [&log = *log](const core::Error& error) { log.failed("the store, in the background", error); };
  const auto tell = [&log = *log](const std::string& text) { log.warning(text); };
  auto store = storage::open_rocksdb_store({.directory = config.data_dir,
                                            .object_bytes_max = config.body_bytes_max,
                                            .cache_bytes = sizes.cache_bytes,
                                            .write_buffer_bytes = sizes.write_buffer_bytes,
                                            .tables_open_max = descriptors->tables_open_max,
                                            .uploads_open_max = descriptors->uploads_open_max,
                                            .tell = tell,
                                            .report = report});
  if (!store) return std::unexpected(std::move(store.error()));
  auto app =
      std::make_unique<WiredApp>(config, sizes, *anonymous, std::move(classes), std::move(*store), std::move(log));
  if (core::Status loaded = app->load_tokens(); !loaded) return std::unexpected(std::move(loaded.error()));
  if (core::Status listening = app->listen(options, config, std::move(*tls)); !listening)
    return std::unexpected(std::move(listening.error()));
  return app;
}

}  // namespace sconce::server
