#include "proto/http/access/token_file.h"

#include <algorithm>
#include <map>

#include "core/text/utf8.h"
#include "proto/http/access/token.h"
#include "proto/http/fields/timestamp.h"

namespace sconce::proto {

namespace {

using core::ErrorCode;

constexpr std::string_view kHashBegin = "sha256:";
constexpr std::string_view kExpiresBegin = "expires=";

std::unexpected<core::Error> wrong(std::string what) {
  return core::fail(ErrorCode::invalid_argument, std::move(what));
}

core::Status check_bytes(std::string_view line) {
  while (!line.empty()) {
    const std::size_t bytes = core::utf8_sequence_bytes(line);
    if (bytes == 0) return wrong("this is not UTF-8");
    const char byte = line.front();
    if (bytes == 1 && (byte < ' ' || byte == '\x7f') && byte != '\t') return wrong("a control character");
    line.remove_prefix(bytes);
  }
  return {};
}

/// What blanks and tabs separate, up to a comment.
std::vector<std::string_view> words_of(std::string_view line) {
  constexpr std::string_view kBlanks = " \t";
  std::vector<std::string_view> words;
  for (std::size_t begin = 0; (begin = line.find_first_not_of(kBlanks, begin)) != std::string_view::npos;) {
    if (line[begin] == '#') break;
    const std::size_t end = std::min(line.find_first_of(kBlanks, begin), line.size());
    words.push_back(line.substr(begin, end - begin));
    begin = end;
  }
  return words;
}

core::Status take_hash(std::string_view word, TokenRecord& record) {
  const bool named = word.starts_with(kHashBegin);
  const std::string_view rest = named ? word.substr(kHashBegin.size()) : std::string_view();
  const std::string_view salt = rest.substr(0, kSaltDigits);
  const std::string_view hash = rest.size() > kSaltDigits + 1 ? rest.substr(kSaltDigits + 1) : std::string_view();
  if (!is_hex(salt, kSaltDigits) || rest.substr(kSaltDigits, 1) != ":" || !is_hex(hash, kHashDigits)) {
    return wrong("the second word is sha256:SALT:HASH, of 32 and 64 hexadecimal digits in lower case");
  }
  record.salt = salt;
  record.hash = hash;
  return {};
}

core::Status take_expiry(std::string_view text, TokenRecord& record) {
  if (record.expires) return wrong("`expires=` stands twice");
  record.expires = parse_timestamp(text);
  if (record.expires) return {};
  return wrong("behind `expires=` stands a date or a time, as in 2027-01-31 or 2027-01-31T12:00:00Z");
}

core::Status take_word(std::string_view word, TokenRecord& record) {
  if (word.starts_with(kExpiresBegin)) return take_expiry(word.substr(kExpiresBegin.size()), record);
  core::Result<Grant> grant = parse_grant(word);
  if (!grant) return std::unexpected(std::move(grant.error()));
  if (record.grants.size() == kGrantsMax) {
    return core::fail(ErrorCode::limit_exceeded, "a token has at most " + std::to_string(kGrantsMax) + " grants");
  }
  record.grants.push_back(std::move(*grant));
  return {};
}

core::Result<TokenRecord> record_of(const std::vector<std::string_view>& words) {
  const auto is_token = [](std::string_view word) { return word.starts_with(kTokenBegin); };
  if (std::ranges::any_of(words, is_token)) {
    return wrong("here stands a token itself; take it out, and put in the line that `sconce token new` printed for it");
  }
  TokenRecord record;
  if (!is_hex(words[0], kTokenIdDigits)) {
    return wrong("a line begins with the id of a token, 16 hexadecimal digits in lower case");
  }
  record.id = words[0];
  if (core::Status taken = take_hash(words.size() > 1 ? words[1] : std::string_view(), record); !taken) {
    return std::unexpected(std::move(taken.error()));
  }
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (core::Status taken = take_word(words[i], record); !taken) return std::unexpected(std::move(taken.error()));
  }
  if (record.grants.empty()) return wrong("the token has no rights; they stand behind its hash, as in `rw:runs/`");
  return record;
}

/// Reads line after line.
class TokenFileReader {
 public:
  core::Status take(std::string_view line, bool ends) {
    count_ += 1;
    core::Status taken = ends ? take_line(line) : wrong("it does not end with a newline; was the file cut off?");
    if (!taken) taken.error().what = "line " + std::to_string(count_) + ": " + taken.error().what;
    return taken;
  }

  std::vector<TokenRecord> records() && { return std::move(records_); }

 private:
  core::Status take_line(std::string_view line) {
    if (core::Status checked = check_bytes(line); !checked) return checked;
    const std::vector<std::string_view> words = words_of(line);
    if (words.empty()) return {};
    if (records_.size() == kTokensMax) {
      return core::fail(ErrorCode::limit_exceeded, "there are more than " + std::to_string(kTokensMax) + " tokens");
    }
    core::Result<TokenRecord> record = record_of(words);
    if (!record) return std::unexpected(std::move(record.error()));
    const auto [known, is_new] = lines_.insert({record->id, count_});
    if (!is_new) return wrong("line " + std::to_string(known->second) + " has the same id");
    records_.push_back(std::move(*record));
    return {};
  }

  std::size_t count_ = 0;  // of lines
  std::vector<TokenRecord> records_;
  std::map<std::string, std::size_t> lines_;  // of the ids
};

}  // namespace

core::Result<std::vector<TokenRecord>> parse_token_file(std::string_view text) {
  if (text.size() > kTokenFileBytesMax) {
    return core::fail(ErrorCode::limit_exceeded,
                      "tokens have at most " + std::to_string(kTokenFileBytesMax) + " bytes together");
  }
  TokenFileReader reader;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    const bool ends = end != std::string_view::npos;
    if (core::Status taken = reader.take(text.substr(begin, end - begin), ends); !taken) {
      return std::unexpected(std::move(taken.error()));
    }
    begin = ends ? end + 1 : text.size();
  }
  return std::move(reader).records();
}

std::string line_of(const TokenRecord& record) {
  std::string line = record.id + ' ' + std::string(kHashBegin) + record.salt + ':' + record.hash;
  for (const Grant& grant : record.grants) line += ' ' + text_of(grant);
  if (record.expires) line += ' ' + std::string(kExpiresBegin) + timestamp_of(*record.expires);
  return line;
}

}  // namespace sconce::proto
