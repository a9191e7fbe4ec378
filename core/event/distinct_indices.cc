#include "core/event/distinct_indices.h"

#include <limits>
#include <variant>

namespace sconce::core {

template <class Definition>
Status DistinctIndices::pass_on(Definition definition) {
  if (last_ == std::numeric_limits<std::int32_t>::max()) {
    return fail(ErrorCode::limit_exceeded, "more objects than 2147483647, the highest index");
  }
  definition.index = ++last_;
  return next_.on(definition);
}

Status DistinctIndices::on(const Event& event) {
  if (const auto* table = std::get_if<event::Table>(&event)) return pass_on(*table);
  if (const auto* instance = std::get_if<event::Instance>(&event)) return pass_on(*instance);
  if (const auto* function = std::get_if<event::Function>(&event); function != nullptr && function->index) {
    return pass_on(*function);
  }
  return next_.on(event);
}

}  // namespace sconce::core
