#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace sconce::core {

/// What a file of other programs is, by the mark that it begins with, and what to do with it: `a gzip file; unpack it
/// first`. No object of Torch's begins so. Empty if it has no mark that is known. For errors only. Lifetime: the text
/// lives as long as the program. Threads: no state.
std::string_view marked_kind_of(std::span<const std::byte> begin);

/// The same, and what text seems to be.
std::string_view file_kind_of(std::span<const std::byte> begin);

/// Of a zip that torch.save wrote.
inline constexpr std::string_view kPyTorchZip =
    "a zip of PyTorch's torch.save; load it in PyTorch, and save its tensors with safetensors";

}  // namespace sconce::core
