#include "core/class_layout.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace sconce::core {

namespace {

constexpr std::string_view kBlanks = " \t\r";

struct What {
  std::string_view name;
  LayoutOp::Kind kind;
  ElementType type;
};

constexpr What kWhats[] = {
    {"byte", LayoutOp::Kind::scalars, ElementType::u8},   {"char", LayoutOp::Kind::scalars, ElementType::i8},
    {"short", LayoutOp::Kind::scalars, ElementType::i16}, {"int", LayoutOp::Kind::scalars, ElementType::i32},
    {"long", LayoutOp::Kind::scalars, ElementType::i64},  {"half", LayoutOp::Kind::scalars, ElementType::f16},
    {"float", LayoutOp::Kind::scalars, ElementType::f32}, {"double", LayoutOp::Kind::scalars, ElementType::f64},
    {"object", LayoutOp::Kind::objects, ElementType::u8}, {"pair", LayoutOp::Kind::pairs, ElementType::u8},
};

std::unexpected<Error> wrong_at(std::size_t offset, std::string what) {
  return std::unexpected(
      Error{.code = ErrorCode::invalid_argument, .what = std::move(what), .offset = offset, .path = std::nullopt});
}

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

/// Reads the operations of one layout; remembers which names they gave to counts.
class LayoutParser {
 public:
  /// `op` stands at `offset` of the layout's text.
  Status add(std::string_view op, std::size_t offset) {
    const std::size_t what_end = std::min(op.find_first_of(":["), op.size());
    const auto* what = std::ranges::find(kWhats, op.substr(0, what_end), &What::name);
    if (what == std::end(kWhats)) {
      return wrong_at(offset, "`" + std::string(op.substr(0, what_end)) +
                                  "` is no type; there are byte, char, short, int, long, half, float, double, object "
                                  "and pair");
    }
    const std::size_t bracket = std::min(op.find('[', what_end), op.size());
    LayoutOp parsed{.kind = what->kind, .type = what->type, .count = {}};
    if (bracket < op.size()) {
      if (op.back() != ']') return wrong_at(offset + op.size(), "a count must end with a `]`");
      const std::string_view count = op.substr(bracket + 1, op.size() - bracket - 2);
      const Result<RepeatCount> parsed_count = count_of(count, offset + bracket + 1);
      if (!parsed_count) return std::unexpected(parsed_count.error());
      parsed.count = *parsed_count;
    }
    if (what_end < bracket) {
      Status named = name_op(op.substr(what_end + 1, bracket - what_end - 1), parsed, offset + what_end + 1);
      if (!named) return named;
    }
    layout_.ops.push_back(parsed);
    return {};
  }

  ClassLayout take() { return std::move(layout_); }

 private:
  Status name_op(std::string_view name, const LayoutOp& op, std::size_t offset) {
    const bool integer = op.type == ElementType::i32 || op.type == ElementType::i64;
    if (name.empty()) return wrong_at(offset, "a name must follow the `:`");
    if (op.kind != LayoutOp::Kind::scalars || !integer || op.count != RepeatCount{}) {
      return wrong_at(offset, "only a single int or long can have a name");
    }
    if (!names_.emplace(name, layout_.ops.size()).second) {
      return wrong_at(offset, "the name `" + std::string(name) + "` is given twice");
    }
    return {};
  }

  Result<RepeatCount> count_of(std::string_view text, std::size_t offset) const {
    if (const auto named = names_.find(text); named != names_.end()) {
      return RepeatCount{.constant = 1, .from = named->second};
    }
    std::int32_t constant = 0;
    const char* const begin = text.data();  // NOLINT(bugprone-suspicious-stringview-data-usage): with its end
    const char* const end = begin + text.size();
    const auto parsed = std::from_chars(begin, end, constant);
    if (parsed.ec != std::errc() || parsed.ptr != end || constant < 0) {
      return wrong_at(offset,
                      "`" + std::string(text) + "` is neither 0 to 2147483647 nor the name of an earlier count");
    }
    return RepeatCount{.constant = constant, .from = std::nullopt};
  }

  ClassLayout layout_;
  std::map<std::string, std::size_t, std::less<>> names_;
};

}  // namespace

Result<ClassLayout> parse_layout(std::string_view text) {
  LayoutParser parser;
  std::size_t begin = text.find_first_not_of(kBlanks);
  while (begin != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(kBlanks, begin), text.size());
    const Status added = parser.add(text.substr(begin, end - begin), begin);
    if (!added) return std::unexpected(added.error());
    begin = text.find_first_not_of(kBlanks, end);
  }
  return parser.take();
}

ClassLayouts::ClassLayouts() {
  const LayoutOp count{.kind = LayoutOp::Kind::scalars, .type = ElementType::i64, .count = {}};
  const RepeatCount counted{.constant = 1, .from = 0};
  const ClassLayout hash{{count, {.kind = LayoutOp::Kind::pairs, .type = ElementType::u8, .count = counted}}};
  const ClassLayout vec{{count, {.kind = LayoutOp::Kind::objects, .type = ElementType::u8, .count = counted}}};
  by_name_ = {{"tds.Hash", hash}, {"tds_hash", hash}, {"tds.Vec", vec}, {"tds.AtomicCounter", ClassLayout{{count}}}};
}

Status ClassLayouts::declare(std::string_view class_name, std::string_view layout) {
  if (class_name.empty()) return fail(ErrorCode::invalid_argument, "a declaration needs the name of a class");
  if (tensor_class_from_name(class_name) || storage_class_from_name(class_name)) {
    return fail(ErrorCode::invalid_argument, "`" + std::string(class_name) + "` is built in and cannot be declared");
  }
  Result<ClassLayout> parsed = parse_layout(layout);
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  by_name_.insert_or_assign(std::string(class_name), std::move(*parsed));
  return {};
}

Status ClassLayouts::declare_all(std::string_view text) {
  std::size_t line_number = 0;
  while (!text.empty()) {
    const std::size_t line_bytes = std::min(text.find('\n'), text.size());
    const std::string_view line = trim(text.substr(0, line_bytes));
    text.remove_prefix(std::min(line_bytes + 1, text.size()));
    line_number += 1;
    if (line.empty() || line.front() == '#') continue;
    const std::size_t colon = line.find(':');
    Status declared = colon == std::string_view::npos
                          ? Status(fail(ErrorCode::invalid_argument, "a declaration is `Name: layout`"))
                          : declare(trim(line.substr(0, colon)), line.substr(colon + 1));
    if (!declared) {
      return fail(ErrorCode::invalid_argument, "line " + std::to_string(line_number) + ": " + declared.error().what);
    }
  }
  return {};
}

const ClassLayout* ClassLayouts::find(std::string_view class_name) const {
  const auto found = by_name_.find(class_name);
  return found == by_name_.end() ? nullptr : &found->second;
}

const ClassLayouts& default_class_layouts() {
  static const ClassLayouts kLayouts;
  return kLayouts;
}

}  // namespace sconce::core
