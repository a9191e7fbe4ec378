#include "core/outline/outline.h"

namespace sconce::core {

namespace {

/// Whether a part has the number of the kind that it is named by.
constexpr bool has_number_of(PartKind part, Kind kind) {
  return static_cast<unsigned>(part) == static_cast<unsigned>(kind);
}
static_assert(has_number_of(PartKind::nil, Kind::nil) && has_number_of(PartKind::boolean, Kind::boolean) &&
              has_number_of(PartKind::number, Kind::number) && has_number_of(PartKind::string, Kind::string) &&
              has_number_of(PartKind::table, Kind::table) && has_number_of(PartKind::function, Kind::function) &&
              has_number_of(PartKind::instance, Kind::instance) && has_number_of(PartKind::tensor, Kind::tensor) &&
              has_number_of(PartKind::storage, Kind::storage));

}  // namespace

std::string_view name_of(PartKind kind) {
  return kind == PartKind::reference ? "reference" : name_of(static_cast<Kind>(kind));
}

}  // namespace sconce::core
