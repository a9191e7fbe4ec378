#include "core/torch7/sniff_ascii.h"

#include <string_view>

#include "core/event/event.h"
#include "core/torch7/sniff_trial.h"

namespace sconce::core {
namespace {

AsciiVerdict verdict_of_scalar(std::span<const std::byte> bytes, SniffInput input) {
  using End = SniffTrial::End;
  const SniffTrial trial = try_format(bytes, Format::ascii, {}, input);
  if (trial.end == End::impossible || trial.end == End::limited) return AsciiVerdict::ascii;  // its reader says why
  if (trial.is_odd) return AsciiVerdict::no;
  if (input == SniffInput::begin) return AsciiVerdict::more;
  return trial.end == End::behind && !trial.rest_is_objects ? AsciiVerdict::no : AsciiVerdict::ascii;
}

}  // namespace

AsciiVerdict sniff_ascii(std::span<const std::byte> bytes, SniffInput input) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const AsciiVerdict unfinished = input == SniffInput::begin ? AsciiVerdict::more : AsciiVerdict::no;
  if (text.empty() || text.front() < '0' || text.front() > '8') return AsciiVerdict::no;
  // A carriage return is the reader's to judge.
  constexpr std::string_view kReturn = "\r\n";
  if (text.substr(1, kReturn.size()) == kReturn) return AsciiVerdict::ascii;
  if (text.size() == 1 || text.substr(1) == "\r") return unfinished;
  if (text[1] != '\n') return AsciiVerdict::no;
  const bool is_scalar = std::string_view("015").contains(text.front());
  return is_scalar ? verdict_of_scalar(bytes, input) : AsciiVerdict::ascii;
}

}  // namespace sconce::core
