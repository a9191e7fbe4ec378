#include "cli/client/http_answer.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/ascii.h"

namespace sconce::cli {
namespace {

using core::ErrorCode;
using core::Result;
using core::Status;

std::unexpected<core::Error> malformed(const std::string& what) {
  return core::fail(ErrorCode::malformed, "the answer is not HTTP/1.1: " + what);
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

std::optional<std::uint64_t> number_in(std::string_view text, int base) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Status HttpAnswerReader::put(std::string_view bytes) {
  held_.append(bytes);
  while (state_ != State::done) {
    const Result<bool> went_on = step();
    if (!went_on) return std::unexpected(went_on.error());
    if (!*went_on) break;
  }
  held_.erase(0, std::exchange(read_, 0));
  return {};
}

Status HttpAnswerReader::finish() {
  if (state_ == State::endless_body) state_ = State::done;
  if (state_ == State::done) return {};
  const bool nothing = state_ == State::status_line && held_.empty();
  return core::fail(ErrorCode::truncated, nothing ? "the server ended the connection without an answer"
                                                  : "the server ended the connection before the end of its answer");
}

/// Reads some of what is held; false if that is too little.
Result<bool> HttpAnswerReader::step() {
  switch (state_) {
    case State::status_line:
    case State::fields:
    case State::chunk_size:
    case State::chunk_end:
    case State::trailer: return step_line();
    case State::sized_body: return take_sized(State::done);
    case State::chunk: return take_sized(State::chunk_end);
    case State::endless_body: return take_endless();
    case State::done: return false;
  }
  std::unreachable();
}

Result<bool> HttpAnswerReader::step_line() {
  const std::string_view held = std::string_view(held_).substr(read_);
  const std::size_t end = held.find("\r\n");
  const std::size_t line_bytes = std::min(end, held.size());
  const bool is_of_chunk = state_ == State::chunk_size || state_ == State::chunk_end;
  if ((is_of_chunk ? 0 : head_bytes_) + line_bytes > kHeadBytesMax) {
    return core::fail(ErrorCode::limit_exceeded,
                      "the head of the answer has more than " + std::to_string(kHeadBytesMax) + " bytes");
  }
  if (end == std::string_view::npos) return false;
  read_ += end + 2;
  if (!is_of_chunk) head_bytes_ += end + 2;
  if (Status taken = take_line(held.substr(0, end)); !taken) return std::unexpected(std::move(taken.error()));
  return true;
}

Status HttpAnswerReader::take_line(std::string_view line) {
  switch (state_) {
    case State::status_line: return take_status(line);
    case State::fields:
      if (!line.empty()) return take_field(line);
      end_of_head();
      return check_body(left_);
    case State::chunk_size: return take_chunk_size(line);
    case State::chunk_end:
      if (!line.empty()) return malformed("a chunk is longer than it says");
      state_ = State::chunk_size;
      return {};
    case State::trailer:
      if (line.empty()) state_ = State::done;
      return {};
    case State::sized_body:
    case State::endless_body:
    case State::chunk:
    case State::done: break;
  }
  std::unreachable();
}

/// `HTTP/1.1 200 OK`
Status HttpAnswerReader::take_status(std::string_view line) {
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  const std::string_view digits = line.substr(std::min(line.size(), kVersion.size()), 3);
  const auto status = number_in(digits, 10);
  const bool ends = line.size() == kVersion.size() + 3 || line.substr(0, kVersion.size() + 4).ends_with(' ');
  if (!line.starts_with(kVersion) || digits.size() != 3 || !status || *status < 100 || !ends) {
    return malformed("it does not begin with a status line");
  }
  answer_.status = static_cast<unsigned>(*status);
  state_ = State::fields;
  return {};
}

Status HttpAnswerReader::take_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return malformed("a field has no colon");
  const std::string name = core::to_lower(line.substr(0, colon));
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (name == "content-length") {
    const auto length = number_in(value, 10);
    if (!length || (length_ && *length_ != *length)) return malformed("its Content-Length is not one number");
    length_ = length;
  }
  if (name == "transfer-encoding") {
    if (core::to_lower(value) != "chunked") return malformed("a transfer coding that was not asked for");
    chunked_ = true;
  }
  return {};
}

/// What comes behind the head. An interim answer (1xx) is followed by another one.
void HttpAnswerReader::end_of_head() {
  const unsigned status = answer_.status;
  if (status < 200) state_ = State::status_line;
  else if (status == 204 || status == 304) state_ = State::done;
  else if (chunked_) state_ = State::chunk_size;
  else if (!length_) state_ = State::endless_body;
  else {
    left_ = *length_;
    state_ = left_ == 0 ? State::done : State::sized_body;
  }
}

/// `1f;extension`; the last one is 0.
Status HttpAnswerReader::take_chunk_size(std::string_view line) {
  const auto size = number_in(trimmed(line.substr(0, line.find(';'))), 16);
  if (!size) return malformed("a chunk does not begin with its size");
  left_ = *size;
  state_ = left_ == 0 ? State::trailer : State::chunk;
  return check_body(left_);
}

Result<bool> HttpAnswerReader::take_sized(State next) {
  const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, held_.size() - read_));
  answer_.body.append(held_, read_, size);
  read_ += size;
  left_ -= size;
  if (left_ > 0) return false;
  state_ = next;
  return true;
}

Result<bool> HttpAnswerReader::take_endless() {
  if (Status checked = check_body(held_.size() - read_); !checked) return std::unexpected(std::move(checked.error()));
  answer_.body.append(held_, read_);
  read_ = held_.size();
  return false;
}

Status HttpAnswerReader::check_body(std::uint64_t more_bytes) const {
  if (more_bytes <= body_bytes_max_ - answer_.body.size()) return {};
  return core::fail(ErrorCode::limit_exceeded,
                    "the answer has more than the " + std::to_string(body_bytes_max_) + " bytes that are read of it");
}

}  // namespace sconce::cli
