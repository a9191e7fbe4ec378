#include "core/event/kind.h"

#include <utility>

namespace sconce::core {

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::nil: return "nil";
    case Kind::boolean: return "boolean";
    case Kind::number: return "number";
    case Kind::string: return "string";
    case Kind::table: return "table";
    case Kind::function: return "function";
    case Kind::instance: return "instance";
    case Kind::tensor: return "tensor";
    case Kind::storage: return "storage";
  }
  std::unreachable();
}

}  // namespace sconce::core
