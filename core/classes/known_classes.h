#pragma once

#include <optional>
#include <string_view>

#include "core/classes/class_layout.h"

namespace sconce::core {

/// The layouts of Torch's classes that write something else than one object. Threads: safe from many. Source:
/// docs/formats.md, "Classes", which names where each was read. Lives as long as the program.
const LayoutTable& built_in_layouts();

/// The layout of the class with this name; null if it has none. Costs one look-up for other names.
const ClassLayout* find_built_in(std::string_view class_name, std::optional<std::string_view> version);

/// The same as text, as `LayoutTable::add_all` reads it.
std::string_view built_in_layouts_text();

/// Whether the class is known to write one object, the table of its fields: its source has been read. For others that
/// is an assumption, and is told. Costs one look-up.
bool is_known_plain(std::string_view class_name);

/// Whether it is called as Torch's tensors and storages are, which never write one object.
bool is_named_as_tensor(std::string_view class_name);

}  // namespace sconce::core
