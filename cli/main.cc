#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>

#include "cli/check.h"
#include "cli/client/host_port.h"
#include "cli/convert.h"
#include "cli/health.h"
#include "cli/inspect.h"
#include "cli/inspect_key.h"
#include "cli/number_option.h"
#include "cli/printing/report.h"
#include "cli/printing/text.h"
#include "cli/repair.h"
#include "cli/serve.h"
#include "cli/token.h"
#include "core/tensor/slice.h"
#include "core/text/path.h"
#include "core/text/printable.h"
#include "core/text/quote.h"
#include "core/text/similar_word.h"
#include "proto/formats/object_format.h"
#include "proto/http/fields/timestamp.h"

namespace sconce::cli {
namespace {

constexpr const char* kClassesHelp = "Lines of `Name: layout`, for classes with a payload of their own";

CLI::Option* add_format(CLI::App& command, const std::string& flag, proto::ObjectFormat& format,
                        const std::string& what) {
  const auto take = [&format](const std::string& name) {
    format = proto::object_format_from_name(name).value_or(proto::ObjectFormat::automatic);
  };
  return command.add_option_function<std::string>(flag, take, what)
      ->default_str(std::string(proto::name_of(format)))
      ->type_name("FORMAT");
}

void add_boolean(CLI::App& command, const std::string& flag, bool& value, const std::string& what) {
  const auto take = [&value](const std::string& text) { value = text == "true"; };
  command.add_option_function<std::string>(flag, take, what)
      ->check(CLI::IsMember({"true", "false"}))
      ->default_str(value ? "true" : "false")
      ->type_name("BOOL");
}

void add_reading(CLI::App& command, ReadingArguments& reading) {
  add_format(command, "--from", reading.from, "The input's format")
      ->check(CLI::IsMember({"automatic", "ascii", "binary", "b32", "b64", "json", "npy", "npz", "safetensors"}));
  add_boolean(command, "--in-referenced", reading.referenced, "How the input was written");
  command.add_option("--classes", reading.classes_file, kClassesHelp)->type_name("FILE");
  add_number<std::size_t>(command, "--object", reading.object,
                          "Which object of a file that holds several, one after another", {.min = 1, .max = INT32_MAX})
      ->type_name("N");
  command.add_flag("--allow-trailing-bytes", reading.allow_trailing_bytes,
                   "Leave out what stands behind the object, in Torch's formats");
}

/// What `parse` cannot read of an option is named with its byte.
template <class Parse, class Take>
CLI::Option* add_parsed(CLI::App& command, const std::string& flag, const std::string& what, Parse parse, Take take) {
  const auto read = [flag, parse, take](const std::string& text) {
    auto parsed = parse(text);
    if (parsed) return take(std::move(*parsed));
    const core::Error& error = parsed.error();
    throw CLI::ValidationError(flag, "byte " + std::to_string(error.offset.value_or(0)) + ": " + error.what);
  };
  return command.add_option_function<std::string>(flag, read, what);
}

void add_style(CLI::App& command, proto::ObjectFormat& format) {
  CLI::Option* style = command.add_option("--style");
  style->description("Of json: lossless says all, plain is what people expect of JSON")
      ->check(CLI::IsMember({"lossless", "plain"}))
      ->default_str("lossless")
      ->type_name("STYLE");
  command.parse_complete_callback([style, &format] {
    if (style->count() == 0) return;
    if (format != proto::ObjectFormat::json) throw CLI::ValidationError("--style", "goes with --to json");
    if (style->as<std::string>() == "plain") format = proto::ObjectFormat::plain_json;
  });
}

CLI::App* add_convert(CLI::App& app, ConvertArguments& arguments) {
  CLI::App* command = app.add_subcommand("convert", "Write an object in another format");
  command->add_option("IN", arguments.in, "The file to read; - is stdin")->required();
  command->add_option("OUT", arguments.out, "The file to write, whole or not at all; - is stdout")->required();
  add_reading(*command, arguments.reading);
  proto::OutputPlan& plan = arguments.plan;
  add_format(*command, "--to", plan.format, "The output's format")
      ->check(CLI::IsMember({"ascii", "binary", "b32", "b64", "json", "npy", "npz", "safetensors"}));
  add_style(*command, plan.format);
  add_parsed(*command, "--path", "The part to write, as model.modules[3].weight; by default all", core::parse_path,
             [&plan](core::Path path) { plan.path = std::move(path); })
      ->type_name("PATH");
  add_parsed(*command, "--slice", "The elements of a tensor to write, as 0:10,-1", core::parse_slice,
             [&plan](core::Slice slice) { plan.slice = std::move(slice); })
      ->type_name("SLICE");
  add_boolean(*command, "--referenced", plan.referenced, "false: write what is shared in full, each time");
  return command;
}

void add_tls_client(CLI::App& command, TlsArguments& tls) {
  command
      .add_option("--ca", tls.authorities_file,
                  "Whom to trust in https://, in PEM; by default the system's authorities")
      ->type_name("FILE");
  command.add_option("--server-name", tls.server_name, "What the server's certificate is for, if not the URL's host")
      ->type_name("NAME");
  CLI::Option* certificate = command.add_option("--cert", tls.certificate_file);
  certificate->description("The certificate to show to a server that asks for one, in PEM")->type_name("FILE");
  CLI::Option* key = command.add_option("--key", tls.key_file, "Its key, in PEM");
  key->type_name("FILE")->needs(certificate);
  certificate->needs(key);
}

CLI::App* add_inspect(CLI::App& app, InspectArguments& arguments) {
  CLI::App* command = app.add_subcommand("inspect", "Show what an object is made of, as a tree");
  command->add_option("FILE", arguments.file, "The file to read; - is stdin; or http[s]://HOST:PORT/v1/objects/KEY")
      ->required();
  add_reading(*command, arguments.reading);
  add_tls_client(*command, arguments.tls);
  command->parse_complete_callback([command, &arguments] {
    const bool is_told = command->count("--from") + command->count("--in-referenced") + command->count("--classes") +
                             command->count("--object") + command->count("--allow-trailing-bytes") >
                         0;
    if (is_told && is_url(arguments.file))
      throw CLI::ValidationError("FILE", "an object of a server goes without options on how to read");
    if (arguments.tls.given() && !is_url(arguments.file))
      throw CLI::ValidationError("FILE", "options on TLS go with https://");
    if (is_url(arguments.file) && !is_object_url(arguments.file))
      throw CLI::ValidationError("FILE", "a URL is of the form http[s]://HOST:PORT/v1/objects/KEY");
  });
  return command;
}

CLI::App* add_check(CLI::App& app, CheckArguments& arguments) {
  CLI::App* command = app.add_subcommand("check", "Read files, or a server's data, and say whether they are good");
  command->add_option("FILE", arguments.files, "The files to read; - is stdin");
  command->add_option("--data", arguments.data_dir, "Read every byte of the data of a server that does not run")
      ->type_name("DIR");
  add_reading(*command, arguments.reading);
  command->parse_complete_callback([&arguments] {
    if (arguments.files.empty() && arguments.data_dir.empty()) throw CLI::RequiredError("FILE or --data");
  });
  return command;
}

CLI::App* add_repair(CLI::App& app, RepairArguments& arguments) {
  CLI::App* command = app.add_subcommand("repair", "Save what can be saved of the damaged data of a server");
  command->add_option("--data", arguments.data_dir, "The data of a server that does not run")
      ->required()
      ->type_name("DIR");
  command->add_flag("--apply", arguments.apply,
                    "Do it. Without this nothing is changed: it only tells what it would do, and what is lost");
  return command;
}

void add_listen(CLI::App& command, server::Config& config) {
  const auto take = [&config](const std::string& text) {
    const auto parsed = parse_host_port(text);
    if (!parsed) throw CLI::ValidationError("--listen", text + " is not ADDRESS:PORT");
    config.listen_host = parsed->host;
    config.listen_port = parsed->port;
  };
  command.add_option_function<std::string>("--listen", take, "The address to listen on; port 0 is any free one")
      ->default_str(config.listen_host + ':' + std::to_string(config.listen_port))
      ->type_name("ADDRESS:PORT");
}

void add_tls(CLI::App& command, server::Config& config) {
  CLI::Option* certificate = command.add_option("--tls-cert", config.tls_cert_file);
  certificate->description("Speak TLS, with this chain of certificates in PEM; read again at SIGHUP")
      ->type_name("FILE");
  CLI::Option* key = command.add_option("--tls-key", config.tls_key_file, "The key of the first of them, in PEM");
  key->type_name("FILE")->needs(certificate);
  certificate->needs(key);
  command
      .add_option("--tls-client-ca", config.tls_client_ca_file,
                  "Only take clients with a certificate of one of these authorities")
      ->type_name("FILE")
      ->needs(certificate);
  add_number(command, "--handshake-timeout-ms", config.handshake_timeout_ms, "For TLS to be agreed on");
}

void add_access(CLI::App& command, server::Config& config) {
  command
      .add_option("--tokens", config.tokens_file,
                  "Who may do what: lines of `sconce token new`; read again at SIGHUP. SCONCE_TOKENS may hold more")
      ->type_name("FILE");
  const auto take = [&config](const std::string& name) {
    if (name == "none") config.anonymous = proto::Anonymous::nothing;
    if (name == "read") config.anonymous = proto::Anonymous::read;
    if (name == "write") config.anonymous = proto::Anonymous::write;
  };
  command
      .add_option_function<std::string>(
          "--anonymous", take,
          "What everybody may do without a token: none; read, with lists; write, which is all but admin. By default "
          "all on loopback without tokens, and none with them")
      ->check(CLI::IsMember({"none", "read", "write"}))
      ->type_name("WHAT");
}

void add_sites(CLI::App& command, server::Config& config) {
  command
      .add_option("--server-names", config.server_names,
                  "The hosts that clients call the server by, separated by commas: others are refused, but for "
                  "addresses and localhost. By default all, but on loopback without tokens none")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("NAME");
  command
      .add_option("--cors-origin", config.cors_origins,
                  "Pages of which origin may write, beside those that are the server's own: https://app.example; may "
                  "stand again")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("ORIGIN");
}

void add_threads(CLI::App& command, server::Config& config) {
  add_number(command, "--threads", config.io_threads, "Threads for connections; 0: one for each processor");
  add_number(command, "--worker-threads", config.worker_threads,
             "Threads for reads, and as many for writes; 0: 16, or four for each processor");
  add_number(command, "--bulk-threads", config.bulk_threads,
             "Threads for pieces of large bodies and answers; 0: one for each processor, 2 at least");
  add_number(command, "--connections-max", config.connections_max,
             "Connections at once; 0: as many as there are descriptors for, 16384 at most");
  add_number(command, "--connections-per-address-max", config.connections_per_address_max,
             "Connections at once from one address");
  add_number<std::size_t>(command, "--requests-max", config.requests_max,
                          "Requests that wait for a thread: of those that read, and of those that write", {.min = 1});
}

void add_sizes(CLI::App& command, server::Config& config) {
  add_number(command, "--memory-granted-bytes", config.memory_granted_bytes,
             "The memory that the process may use; by default what the machine has and its control groups allow. What "
             "follows and is not given is a part of it");
  add_number(command, "--memory-bytes-max", config.memory_bytes_max,
             "What requests under way hold of bodies and answers; by default a quarter, 512 MiB at most");
  add_number(command, "--cache-bytes", config.cache_bytes,
             "What is kept in memory of objects that have been read; by default an eighth, 1 GiB at most");
  add_number(command, "--body-bytes-max", config.body_bytes_max, "The largest body");
  add_number(command, "--held-bytes-max", config.held_bytes_max,
             "The largest object that a request holds in memory; by default a 32nd, 64 MiB at most");
  add_number(command, "--indices-max", config.indices_max, "Indices of one body that have to be remembered one by one");
  add_number(command, "--batch-entries-max", config.batch_entries_max, "Entries of one batch");
}

void add_timeouts(CLI::App& command, server::Config& config) {
  add_number(command, "--idle-timeout-ms", config.idle_timeout_ms, "Between requests");
  add_number(command, "--header-timeout-ms", config.header_timeout_ms, "For a header, from its first byte");
  add_number(command, "--body-timeout-ms", config.body_timeout_ms, "The longest pause in a body");
  add_number(command, "--write-timeout-ms", config.write_timeout_ms,
             "The longest pause in which a client takes nothing of an answer");
  add_number<std::uint64_t>(command, "--bytes-per-second-min", config.bytes_per_second_min,
                            "The least average rate of a body, and of a client that takes an answer", {.min = 1});
  add_number(command, "--shutdown-timeout-ms", config.shutdown_timeout_ms,
             "To finish what is under way after a signal");
}

CLI::App* add_serve(CLI::App& app, server::Config& config) {
  CLI::App* command = app.add_subcommand("serve", "Store objects and hand them out over HTTP");
  add_listen(*command, config);
  add_access(*command, config);
  add_sites(*command, config);
  command->add_option("--data", config.data_dir, "The directory that holds the objects")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_option("--classes", config.classes_file, kClassesHelp)->type_name("FILE");
  add_tls(*command, config);
  add_threads(*command, config);
  add_sizes(*command, config);
  add_timeouts(*command, config);
  command->add_flag("--require-conditions", config.require_conditions,
                    "Refuse writes without If-Match or If-None-Match");
  return command;
}

CLI::App* add_health(CLI::App& app, HealthArguments& arguments) {
  CLI::App* command = app.add_subcommand("health", "Ask a server whether it is healthy");
  command->add_option("--url", arguments.url, "Where the server listens")
      ->capture_default_str()
      ->type_name("URL")
      ->check([](const std::string& text) {
        return is_server_url(text) ? std::string() : "a URL is of the form http[s]://HOST:PORT";
      });
  add_tls_client(*command, arguments.tls);
  return command;
}

/// The commands of `sconce token`; each runs, and leaves its exit code.
void add_token_new(CLI::App& parent, NewTokenArguments& arguments, int& exit_code) {
  CLI::App* command = parent.add_subcommand("new", "Print a new token, and its line for the file of serve --tokens");
  command
      ->add_option("--prefix", arguments.prefixes,
                   "The begin of the keys that it is for; '' is all. May stand again, with --rights of its own")
      ->allow_extra_args(false)
      ->type_name("PREFIX");
  const auto take_rights = [&arguments](const std::vector<std::string>& letters) {
    for (const std::string& each : letters) {
      const auto rights = proto::parse_rights(each);
      if (!rights) throw CLI::ValidationError("--rights", rights.error().what);
      arguments.rights.push_back(*rights);
    }
  };
  command
      ->add_option_function<std::vector<std::string>>("--rights", take_rights,
                                                      "Letters: r read, w write, d delete, l list; m metrics, a admin")
      ->required()
      ->allow_extra_args(false)
      ->type_name("RIGHTS");
  const auto take_expiry = [&arguments](const std::string& text) {
    arguments.expires = proto::parse_timestamp(text);
    if (!arguments.expires) throw CLI::ValidationError("--expires", "it is neither a date nor a time of RFC 3339");
  };
  command
      ->add_option_function<std::string>("--expires", take_expiry, "When it ends: 2027-01-31, or with a time, in UTC")
      ->type_name("TIME");
  command->final_callback([&arguments, &exit_code] {
    const auto grants = grants_of(arguments);
    if (!grants) throw CLI::ValidationError("token new", grants.error().what);
    exit_code = new_token(*grants, arguments.expires);
  });
}

void add_token(CLI::App& app, NewTokenArguments& arguments, int& exit_code) {
  CLI::App* command = app.add_subcommand("token", "Make tokens, which say who may do what");
  command->require_subcommand(1);
  add_token_new(*command, arguments, exit_code);
  CLI::App* check = command->add_subcommand("check", "Say whether a file of tokens is good");
  CLI::Option* const file = check->add_option("FILE")->required()->description("The file of serve --tokens");
  check->final_callback([file, &exit_code] { exit_code = check_tokens(file->as<std::string>()); });
}

/// Of a command that does not exist.
std::string unknown_command(const CLI::App& app, const std::string& word) {
  std::vector<std::string> commands;
  for (const CLI::App* command : app.get_subcommands({})) commands.push_back(command->get_name());
  const std::string_view similar = core::similar_word(word, commands);
  const std::string text = "there is no command " + core::in_backticks(word);
  return similar.empty() ? text : text + "; `" + std::string(similar) + "` may be meant";
}

/// The parser itself never names the word that is wrong.
std::string text_of(const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<std::string> unknown = app.remaining();
  const bool has_command = !app.get_subcommands().empty();
  const bool is_command = !has_command && !unknown.empty() && !unknown.front().starts_with('-');
  return is_command ? unknown_command(app, unknown.front()) : error.what();
}

int usage_error(const std::string& text) {
  const std::string line = "sconce: " + core::printable(text) + " (see sconce --help)\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
  return kExitUsage;
}

int run(int argc, char** argv) {
  CLI::App app("Stores and converts the objects that Torch7 writes.", "sconce");
  app.set_version_flag("-V,--version", "sconce " SCONCE_VERSION);
  app.require_subcommand(1);
  ConvertArguments convert_arguments;
  InspectArguments inspect_arguments;
  CheckArguments check_arguments;
  RepairArguments repair_arguments;
  server::Config config;
  HealthArguments health_arguments;
  NewTokenArguments token_arguments;
  int token_exit_code = kExitOk;
  const CLI::App* convert_command = add_convert(app, convert_arguments);
  const CLI::App* inspect_command = add_inspect(app, inspect_arguments);
  const CLI::App* check_command = add_check(app, check_arguments);
  const CLI::App* repair_command = add_repair(app, repair_arguments);
  const CLI::App* serve_command = add_serve(app, config);
  const CLI::App* health_command = add_health(app, health_arguments);
  add_token(app, token_arguments, token_exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return error.get_exit_code() == 0 ? app.exit(error) : usage_error(text_of(app, error));
  }
  if (convert_command->parsed()) return convert(convert_arguments);
  if (inspect_command->parsed()) return inspect(inspect_arguments);
  if (check_command->parsed()) return check(check_arguments);
  if (repair_command->parsed()) return repair(repair_arguments);
  if (serve_command->parsed()) return serve(config);
  if (health_command->parsed()) return health(health_arguments);
  return token_exit_code;
}

}  // namespace
}  // namespace sconce::cli

int main(int argc, char** argv) {
  try {
    return sconce::cli::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sconce: %s\n", sconce::core::printable(error.what()).c_str());
    return sconce::cli::kExitBadInput;
  }
}
