#include "cli/printing/text.h"

#include "core/text/printable.h"
#include "core/text/utf8.h"

namespace sconce::cli {

std::string quoted(std::string_view text, std::size_t bytes_max) {
  std::string out = "\"";
  std::size_t done = 0;
  while (done < text.size() && done + core::utf8_sequence_bytes(text.substr(done)) <= bytes_max && done < bytes_max) {
    done += core::append_printable(out, text.substr(done), "\"\\");
  }
  out += '"';
  if (done < text.size()) out += "...";
  return out;
}

std::string counted(std::uint64_t count, std::string_view noun) {
  std::string out = std::to_string(count);
  out += ' ';
  out += noun;
  if (count != 1) out += 's';
  return out;
}

}  // namespace sconce::cli
