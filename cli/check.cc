#include "cli/check.h"

#include <cstdint>
#include <cstdio>
#include <variant>

#include "cli/input.h"
#include "cli/printing/report.h"
#include "cli/printing/text.h"
#include "cli/sequence.h"
#include "core/text/printable.h"
#include "server/check.h"

namespace sconce::cli {
namespace {

/// Counts tables, class instances and functions.
class ObjectCounter final : public core::EventSink {
 public:
  core::Status on(const core::Event& event) override {
    if (std::holds_alternative<core::event::Table>(event) || std::holds_alternative<core::event::Instance>(event) ||
        std::holds_alternative<core::event::Function>(event)) {
      ++count_;
    }
    return {};
  }
  std::uint64_t count() const { return count_; }

 private:
  std::uint64_t count_ = 0;
};

/// `ok: b64, 114 bytes, 2 objects`
core::Result<std::string> check_input(core::ByteSource& input, const ReadingArguments& reading,
                                      const core::ReadOptions& options) {
  const auto format = format_of(input, reading.from, options);
  if (!format) return std::unexpected(format.error());
  ObjectCounter counter;
  const auto read = read_object(counter, input, *format, options, reading.object_number());
  if (!read) return std::unexpected(read.error());
  core::Status allowed = check_behind(*read, reading);
  if (!allowed) return std::unexpected(std::move(allowed.error()));
  std::string verdict = "ok: " + std::string(shown_name_of(*format)) + ", " + counted(read->end_bytes, "byte") + ", " +
                        counted(counter.count(), "object");
  if (read->bytes_behind > 0) verdict += ", and " + described_behind(*read) + " behind the object";
  return verdict + described_undeclared(read->undeclared) + described_skipped(read->skipped);
}

bool check_file(const std::string& file, const ReadingArguments& reading, const core::ClassLayouts& classes) {
  const auto input = Input::open(file);
  if (!input) {
    report(file, input.error());
    return false;
  }
  const auto options = read_options(reading, classes, input->size_bytes());
  const auto verdict = check_input(input->source(), reading, options);
  if (!verdict) {
    report(file, explained(verdict.error(), input->source(), reading.from));
    return false;
  }
  std::printf("%s: %s\n", core::printable(file).c_str(), verdict->c_str());
  std::fflush(stdout);  // so that it stands in order with what stderr says
  return true;
}

/// `data: ok: 12 objects, 3456 bytes`
bool check_data_dir(const std::string& directory) {
  const auto found = [&](const std::string& where, const core::Error& error) {
    report(directory + ": " + where, error);
  };
  const auto checked = server::check_data(directory, found);
  if (!checked) {
    report(directory, checked.error());
    return false;
  }
  const std::string verdict = checked->damages == 0 ? "ok" : counted(checked->damages, "damage");
  std::string held = counted(checked->objects, "object") + ", " + counted(checked->bytes, "byte");
  if (checked->unwritten_bytes > 0) {
    held += ", and " + counted(checked->unwritten_bytes, "byte") +
            " at the end of the log that a crash kept from being written whole; the next start drops them, and nothing "
            "that was acknowledged is in them";
  }
  if (checked->damages > 0) held += "; `sconce repair --data " + directory + "` shows what can be saved";
  std::printf("%s: %s: %s\n", core::printable(directory).c_str(), verdict.c_str(), core::printable(held).c_str());
  std::fflush(stdout);
  return checked->damages == 0;
}

}  // namespace

int check(const CheckArguments& arguments) {
  const auto classes = load_classes(arguments.reading.classes_file);
  if (!classes) {
    report(arguments.reading.classes_file, classes.error());
    return kExitBadInput;
  }
  bool all_good = true;
  for (const std::string& file : arguments.files) {
    if (!check_file(file, arguments.reading, *classes)) all_good = false;
  }
  if (!arguments.data_dir.empty() && !check_data_dir(arguments.data_dir)) all_good = false;
  if (std::ferror(stdout) != 0) {
    report("-", {.code = core::ErrorCode::io_error, .what = "cannot write"});
    return kExitBadInput;
  }
  return all_good ? kExitOk : kExitBadInput;
}

}  // namespace sconce::cli
