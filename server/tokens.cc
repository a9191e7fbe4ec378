#include "server/tokens.h"

#include <cerrno>
#include <fstream>
#include <set>
#include <system_error>

#include "core/files/file_error.h"
#include "proto/http/access/token.h"
#include "server/api/access/token_hash.h"

namespace sconce::server {

namespace {

using core::ErrorCode;
using Records = std::vector<proto::TokenRecord>;

constexpr std::string_view kVariable = "SCONCE_TOKENS";

/// A pipe would never end, or be empty at the next reading.
core::Status check_file(const std::filesystem::path& file) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (error) return std::unexpected(core::file_error(error.value(), "cannot read", file));
  if (!fs::is_regular_file(status)) return core::fail(ErrorCode::invalid_argument, file.string() + " is not a file");
  const fs::perms others = fs::perms::group_write | fs::perms::others_write;
  if ((status.permissions() & others) == fs::perms::none) return {};
  return core::fail(ErrorCode::invalid_argument,
                    "others may write " + file.string() + ", and so give themselves any right; `chmod go-w` ends that");
}

/// Read and not mapped: whoever writes it may cut it short meanwhile.
core::Result<std::string> read_file(const std::filesystem::path& file) {
  if (core::Status checked = check_file(file); !checked) return std::unexpected(std::move(checked.error()));
  std::ifstream stream(file, std::ios::binary);
  std::string text(proto::kTokenFileBytesMax + 1, '\0');
  if (stream) stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad() || !stream.is_open()) return std::unexpected(core::file_error(errno, "cannot read", file));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

core::Result<Records> parse(std::string_view text, std::string_view source) {
  core::Result<Records> records = proto::parse_token_file(text);
  if (!records) records.error().what = std::string(source) + ": " + records.error().what;
  return records;
}

core::Status add_all(Records& to, Records more) {
  std::set<std::string_view> known;
  for (const proto::TokenRecord& record : to) known.insert(record.id);
  for (const proto::TokenRecord& record : more) {
    if (!known.contains(record.id)) continue;
    return core::fail(ErrorCode::invalid_argument,
                      "the token " + record.id + " stands in the file and in " + std::string(kVariable));
  }
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  return {};
}

}  // namespace

core::Result<Records> read_tokens(const TokenSources& sources) {
  Records all;
  if (!sources.file.empty()) {
    const core::Result<std::string> text = read_file(sources.file);
    if (!text) return std::unexpected(text.error());
    core::Result<Records> records = parse(*text, sources.file.string());
    if (!records) return records;
    all = std::move(*records);
  }
  if (sources.lines) {
    core::Result<Records> records = parse(*sources.lines + '\n', kVariable);  // a shell takes the last one
    if (!records) return records;
    if (core::Status added = add_all(all, std::move(*records)); !added) return std::unexpected(added.error());
  }
  return all;
}

NewToken new_token(proto::Grants grants, std::optional<std::chrono::sys_seconds> expires) {
  NewToken made;
  made.record = {.id = api::random_hex(proto::kTokenIdDigits),
                 .salt = api::random_hex(proto::kSaltDigits),
                 .hash = {},
                 .grants = std::move(grants),
                 .expires = expires};
  made.token = std::string(proto::kTokenBegin) + made.record.id + '_' + api::random_hex(proto::kTokenSecretDigits);
  made.record.hash = api::token_hash(made.record.salt, made.token);
  return made;
}

}  // namespace sconce::server
