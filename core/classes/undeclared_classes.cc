#include "core/classes/undeclared_classes.h"

#include <algorithm>

#include "core/classes/shown_class_name.h"

namespace sconce::core {

void UndeclaredClasses::add_name(std::string_view name) {
  if (std::ranges::find(names_, name) != names_.end()) return;
  if (names_.size() < kNamesMax) names_.emplace_back(name);
  else more_ = true;
}

void UndeclaredClasses::add_all(const UndeclaredClasses& others) {
  for (const std::string& name : others.names_) add_name(name);
  more_ = more_ || others.more_;
}

std::string UndeclaredClasses::note(std::string_view open_name, std::optional<std::uint64_t> open_offset) const {
  const auto told = [](std::string_view name, std::uint64_t offset, std::string_view when) {
    return "; the class " + shown_class_name(name) + " at byte " + std::to_string(offset) + std::string(when) +
           " has no declared layout, so its payload was read as one object";
  };
  constexpr std::string_view kDeclare = ": if it writes something else, declare its layout with --classes";
  if (suspect_ && (!open_offset || suspect_->offset >= *open_offset)) {
    return told(suspect_->name, suspect_->offset, "") +
           ", which is no table of fields: declare what it writes with --classes";
  }
  if (open_offset) {
    const bool other = last_ && last_->offset > *open_offset;
    const std::string or_other =
        other ? ", or the class " + shown_class_name(last_->name) + " at byte " + std::to_string(last_->offset) + ","
              : std::string();
    return told(open_name, *open_offset, or_other) + std::string(kDeclare);
  }
  if (last_) return told(last_->name, last_->offset, ", read before,") + std::string(kDeclare);
  return {};
}

}  // namespace sconce::core
