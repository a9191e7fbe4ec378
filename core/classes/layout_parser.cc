#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "core/classes/class_layout.h"

namespace sconce::core {

namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr std::size_t kGroupDepthMax = 8;

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

/// Reads one layout; remembers which names were given to counts.
class LayoutParser {
 public:
  explicit LayoutParser(std::string_view text) : text_(text) {}

  Result<ClassLayout> parse() {
    for (skip_blanks(); at_ < text_.size(); skip_blanks()) {
      const Status taken = text_[at_] == '(' ? open_group() : text_[at_] == ')' ? close_group() : take_item();
      if (!taken) return std::unexpected(taken.error());
    }
    if (!groups_.empty()) return wrong_at(groups_.back().at, "a `(` has no `)`");
    return std::move(layout_);
  }

 private:
  struct Group {
    std::size_t at;       // of its `(` in the text
    std::size_t op;       // its place in the layout
    bool writes = false;  // something in every round
  };

  void skip_blanks() { at_ = std::min(text_.find_first_not_of(kBlanks, at_), text_.size()); }

  Status open_group() {
    if (groups_.size() == kGroupDepthMax) return wrong_at(at_, "more than 8 groups inside one another");
    groups_.push_back({.at = at_++, .op = layout_.ops.size()});
    layout_.ops.push_back({.kind = LayoutOp::Kind::group, .type = ElementType::u8, .count = {}});
    return {};
  }

  Status close_group() {
    if (groups_.empty()) return wrong_at(at_, "a `)` has no `(`");
    const Group group = groups_.back();
    groups_.pop_back();
    const std::size_t begin = ++at_;
    at_ = std::min(text_.find_first_of(" \t\r()", at_), text_.size());
    const std::string_view count = text_.substr(begin, at_ - begin);
    if (!count.starts_with('[')) return wrong_at(begin, "a group must end with `)[` and a count");
    // Its names end with it.
    std::erase_if(names_, [&group](const auto& name) { return name.second > group.op; });
    const Result<RepeatCount> parsed = bracketed_count(count, begin);
    if (!parsed) return std::unexpected(parsed.error());
    if (!group.writes) return wrong_at(group.at, "a group must have an item whose count is always 1 or more");
    layout_.ops[group.op].count = *parsed;
    layout_.ops[group.op].group_ops = layout_.ops.size() - group.op - 1;
    note_write(*parsed);
    return {};
  }

  Status take_item() {
    const std::size_t begin = at_;
    at_ = std::min(text_.find_first_of(" \t\r()", at_), text_.size());
    return add(text_.substr(begin, at_ - begin), begin);
  }

  /// `item` stands at `offset` of the layout's text.
  Status add(std::string_view item, std::size_t offset) {
    const std::size_t what_end = std::min(item.find_first_of(":["), item.size());
    const auto* what = std::ranges::find(kWhats, item.substr(0, what_end), &What::name);
    if (what == std::end(kWhats)) {
      return wrong_at(offset, "`" + std::string(item.substr(0, what_end)) +
                                  "` is no type; there are byte, char, short, int, long, half, float, double, object "
                                  "and pair");
    }
    const std::size_t bracket = std::min(item.find('[', what_end), item.size());
    LayoutOp parsed{.kind = what->kind, .type = what->type, .count = {}};
    if (bracket < item.size()) {
      const Result<RepeatCount> count = bracketed_count(item.substr(bracket), offset + bracket);
      if (!count) return std::unexpected(count.error());
      parsed.count = *count;
    }
    if (what_end < bracket) {
      Status named = name_op(item.substr(what_end + 1, bracket - what_end - 1), parsed, offset + what_end + 1);
      if (!named) return named;
      parsed.is_count = true;
    }
    layout_.ops.push_back(parsed);
    note_write(parsed.count);
    return {};
  }

  void note_write(const RepeatCount& count) {
    if (!groups_.empty() && !count.from && count.constant > 0) groups_.back().writes = true;
  }

  Status name_op(std::string_view name, const LayoutOp& op, std::size_t offset) {
    const bool number = op.type == ElementType::i32 || op.type == ElementType::i64 || op.type == ElementType::f64;
    const bool can_count = (op.kind == LayoutOp::Kind::scalars && number) || op.kind == LayoutOp::Kind::objects;
    if (name.empty()) return wrong_at(offset, "a name must follow the `:`");
    if (!can_count || op.count != RepeatCount{}) {
      return wrong_at(offset, "only a single int, long, double or object can have a name");
    }
    if (!names_.emplace(name, layout_.ops.size()).second) {
      return wrong_at(offset, "the name `" + std::string(name) + "` is given twice");
    }
    return {};
  }

  /// `[3]` or `[n]`, at `offset`.
  Result<RepeatCount> bracketed_count(std::string_view text, std::size_t offset) const {
    if (text.back() != ']') return wrong_at(offset + text.size(), "a count must end with a `]`");
    text = text.substr(1, text.size() - 2);
    offset += 1;
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

  const std::string_view text_;
  std::size_t at_ = 0;
  ClassLayout layout_;
  std::vector<Group> groups_;  // that are open
  std::map<std::string, std::size_t, std::less<>> names_;
};

}  // namespace

Result<ClassLayout> parse_layout(std::string_view text) { return LayoutParser(text).parse(); }

}  // namespace sconce::core
