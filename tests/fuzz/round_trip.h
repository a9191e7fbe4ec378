#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/classes/class_layout.h"
#include "core/error.h"
#include "core/outline/outline.h"
#include "proto/formats/object_format.h"

namespace sconce::tests {

/// The default layouts and some more, so that every item of one is read.
const core::ClassLayouts& fuzz_classes();

/// An object that was taken in.
struct Taken {
  std::string canonical;
  core::Outline outline;
};

/// Takes the input in two pieces.
core::Result<Taken> take_in(std::string_view input, proto::ObjectFormat format, std::size_t split);

/// The whole object in this format; nothing where the format cannot say it, or it becomes too large.
std::optional<std::string> write_out(const Taken& object, proto::ObjectFormat format);

/// Written as json and read again, the object is the same.
void check_json(const Taken& object);

/// The outline survives as bytes, and is what is read of the object.
void check_outline(const Taken& object);

/// Of an input in a format that is not Torch's: two pieces give the same as one; and of what is accepted, what is
/// written is read again, and then written as the same bytes.
void check_round_trip(std::string_view input, proto::ObjectFormat format, std::size_t split);

}  // namespace sconce::tests
