#pragma once

#include <string>

#include "core/budget.h"
#include "core/outline/part_finder.h"
#include "core/text/path.h"

namespace sconce::core {

/// A step as a path writes it.
std::string text_of(const PathStep& step);

/// What a part holds, for the error that it does not hold this: `bias, gradBias, weight and 3 more`, those first that
/// are written most alike. Empty if comparing them costs more than the budget has for hints. Threads: as Budget.
std::string names_near(FoundPart parent, const PathStep& step, Budget& budget);

}  // namespace sconce::core
