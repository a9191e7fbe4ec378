#include "core/torch7/sniff_ascii.h"

#include <string_view>

#include "core/event/event.h"
#include "core/torch7/sniff_trial.h"

namespace sconce::core {
namespace {

AsciiVerdict verdict_of_scalar(ByteSource& source, SniffInput input) {
  using End = SniffTrial::End;
  const SniffTrial trial = try_format(source, Format::ascii, {}, input);
  if (trial.end == End::impossible || trial.end == End::limited || trial.end == End::unread) return AsciiVerdict::ascii;
  if (trial.is_odd) return AsciiVerdict::no;
  if (input == SniffInput::begin) return AsciiVerdict::more;
  return trial.end == End::behind && !trial.rest_is_objects ? AsciiVerdict::no : AsciiVerdict::ascii;
}

}  // namespace

AsciiVerdict sniff_ascii(std::string_view text, ByteSource& source, SniffInput input) {
  const AsciiVerdict unfinished = input == SniffInput::begin ? AsciiVerdict::more : AsciiVerdict::no;
  if (text.empty() || text.front() < '0' || text.front() > '8') return AsciiVerdict::no;
  // A carriage return is the reader's to judge.
  constexpr std::string_view kReturn = "\r\n";
  if (text.substr(1, kReturn.size()) == kReturn) return AsciiVerdict::ascii;
  if (text.size() == 1 || text.substr(1) == "\r") return unfinished;
  if (text[1] != '\n') return AsciiVerdict::no;
  const bool is_scalar = std::string_view("015").contains(text.front());
  return is_scalar ? verdict_of_scalar(source, input) : AsciiVerdict::ascii;
}

}  // namespace sconce::core
