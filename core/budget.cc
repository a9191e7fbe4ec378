#include "core/budget.h"

#include <string>

namespace sconce::core {

std::unexpected<Error> Budget::too_many_steps() const {
  return fail(ErrorCode::limit_exceeded,
              "finding what is asked for takes more than " + std::to_string(limits_.steps_max) +
                  " steps, and as many as the objects have bytes, which is the most for one request; ask for fewer "
                  "parts at once, or for a part that holds them");
}

std::unexpected<Error> Budget::too_much_held() const {
  return fail(ErrorCode::limit_exceeded,
              "what has to be remembered of the parts takes more than " + std::to_string(limits_.held_bytes_max) +
                  " bytes, which is the most for one request; ask for fewer parts at once, or for another format");
}

}  // namespace sconce::core
