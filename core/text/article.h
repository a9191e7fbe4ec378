#pragma once

#include <string>
#include <string_view>

namespace sconce::core {

/// `a table`, `an instance`. By the first letter, which is enough for the names of kinds and of classes.
/// Threads: no state.
std::string with_article(std::string_view noun);

}  // namespace sconce::core
