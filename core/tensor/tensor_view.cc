#include "core/tensor/tensor_view.h"

#include <algorithm>
#include <cstring>

namespace sconce::core {

namespace {

// A run from this size on is handed out as it lies in the source; shorter ones are cheaper gathered.
constexpr std::int64_t kRunBytesMin = 16 * 1024;

/// Copies `count` elements of `Width` bytes.
template <std::size_t Width>
void copy_elements(const std::byte* from, std::ptrdiff_t from_step, std::byte* to, std::ptrdiff_t to_step,
                   std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    std::memcpy(to, from, Width);
    from += from_step;
    to += to_step;
  }
}

void copy_line(std::size_t width, const std::byte* from, std::ptrdiff_t from_step, std::byte* to,
               std::ptrdiff_t to_step, std::int64_t count) {
  const auto step = static_cast<std::ptrdiff_t>(width);
  if (from_step == step && to_step == step) {
    std::memcpy(to, from, static_cast<std::size_t>(count) * width);
    return;
  }
  switch (width) {
    case 1: return copy_elements<1>(from, from_step, to, to_step, count);
    case 2: return copy_elements<2>(from, from_step, to, to_step, count);
    case 4: return copy_elements<4>(from, from_step, to, to_step, count);
    default: return copy_elements<8>(from, from_step, to, to_step, count);
  }
}

}  // namespace

std::uint64_t TensorView::size_bytes() const {
  if (sizes.empty()) return 0;
  std::uint64_t product = size_bytes_of(type);
  for (const std::int64_t size : sizes) product *= static_cast<std::uint64_t>(size);
  return product;
}

StridedReader::StridedReader(ByteSource& source, const TensorView& view, std::size_t block_bytes_max)
    : window_(source),
      width_(size_bytes_of(view.type)),
      block_bytes_max_(std::max(block_bytes_max, width_)),
      size_bytes_(view.size_bytes()) {
  if (size_bytes_ == 0) return;
  const auto width = static_cast<std::int64_t>(width_);
  begin_bytes_ = view.storage_offset_bytes + static_cast<std::uint64_t>(view.first * width);
  for (std::size_t d = 0; d < view.sizes.size(); ++d) {
    if (view.sizes[d] == 1) continue;
    const Axis axis = {.size = view.sizes[d], .stride_bytes = view.strides[d] * width};
    if (!axes_.empty() && axes_.back().stride_bytes == axis.size * axis.stride_bytes) {
      axes_.back() = {.size = axes_.back().size * axis.size, .stride_bytes = axis.stride_bytes};
    } else {
      axes_.push_back(axis);
    }
  }
  if (axes_.empty()) axes_.push_back({.size = 1, .stride_bytes = width});
}

Result<std::span<const std::byte>> StridedReader::next() {
  if (done_bytes_ == size_bytes_) return std::span<const std::byte>();
  if (lies_in_runs()) return next_of_run();
  const Block block = next_block();
  block_.resize(block.size_bytes);
  if (Status gathered = gather(block); !gathered) return std::unexpected(std::move(gathered.error()));
  done_bytes_ += block.size_bytes;
  return std::span<const std::byte>(block_);
}

bool StridedReader::lies_in_runs() const {
  if (axes_.empty()) return true;
  const Axis& last = axes_.back();
  const auto width = static_cast<std::int64_t>(width_);
  return last.stride_bytes == width && (axes_.size() == 1 || last.size * width >= kRunBytesMin);
}

/// Where the element with that row-major number lies in the source.
std::uint64_t StridedReader::offset_of(std::uint64_t element) const {
  std::uint64_t offset = begin_bytes_;
  for (auto axis = axes_.rbegin(); axis != axes_.rend(); ++axis) {
    const auto size = static_cast<std::uint64_t>(axis->size);
    offset += element % size * static_cast<std::uint64_t>(axis->stride_bytes);
    element /= size;
  }
  return offset;
}

Result<std::span<const std::byte>> StridedReader::next_of_run() {
  const std::uint64_t run_bytes = static_cast<std::uint64_t>(axes_.back().size) * width_;
  const std::uint64_t offset = offset_of(done_bytes_ / width_);
  auto piece = window_.at(offset, width_, offset + run_bytes - done_bytes_ % run_bytes);
  if (!piece) return piece;
  const auto whole = piece->first(piece->size() / width_ * width_);
  done_bytes_ += whole.size();
  return whole;
}

StridedReader::Block StridedReader::next_block() const {
  std::size_t cut = axes_.size() - 1;
  std::uint64_t inner_bytes = width_;  // of one step along the dimension that is cut
  while (cut > 0 && inner_bytes * static_cast<std::uint64_t>(axes_[cut].size) <= block_bytes_max_) {
    inner_bytes *= static_cast<std::uint64_t>(axes_[cut].size);
    cut -= 1;
  }
  const auto cut_size = static_cast<std::uint64_t>(axes_[cut].size);
  const std::uint64_t left = cut_size - done_bytes_ / inner_bytes % cut_size;
  const std::uint64_t taken = std::min(left, block_bytes_max_ / inner_bytes);

  Block block{.axes = {}, .from_bytes = offset_of(done_bytes_ / width_), .size_bytes = taken * inner_bytes};
  auto to_stride = static_cast<std::int64_t>(width_);
  for (std::size_t d = axes_.size(); d-- > cut;) {
    const std::int64_t size = d == cut ? static_cast<std::int64_t>(taken) : axes_[d].size;
    const std::int64_t stride = axes_[d].stride_bytes;
    if (stride < 0) {  // begin at its other end, so that the source is read forwards
      block.from_bytes -= static_cast<std::uint64_t>(-stride * (size - 1));
      block.to_bytes += to_stride * (size - 1);
    }
    block.axes.push_back(stride < 0 ? BlockAxis{size, -stride, -to_stride} : BlockAxis{size, stride, to_stride});
    to_stride *= size;
  }
  std::ranges::sort(block.axes, std::ranges::greater(), &BlockAxis::from_stride_bytes);
  return block;
}

Status StridedReader::gather(const Block& block) {
  const std::span<const BlockAxis> outer = std::span(block.axes).first(block.axes.size() - 1);
  std::uint64_t from = block.from_bytes;
  std::uint64_t end = from + width_;
  for (const BlockAxis& axis : block.axes) end += static_cast<std::uint64_t>(axis.from_stride_bytes * (axis.size - 1));
  std::int64_t to = block.to_bytes;
  std::vector<std::int64_t> index(outer.size());
  while (true) {
    if (Status copied = gather_line(from, to, block.axes.back(), end); !copied) return copied;
    std::size_t d = outer.size();
    while (d > 0 && index[d - 1] + 1 == outer[d - 1].size) {
      d -= 1;
      from -= static_cast<std::uint64_t>(outer[d].from_stride_bytes * index[d]);
      to -= outer[d].to_stride_bytes * index[d];
      index[d] = 0;
    }
    if (d == 0) return {};
    index[d - 1] += 1;
    from += static_cast<std::uint64_t>(outer[d - 1].from_stride_bytes);
    to += outer[d - 1].to_stride_bytes;
  }
}

/// The elements along the dimension with the smallest stride.
Status StridedReader::gather_line(std::uint64_t from_bytes, std::int64_t to_bytes, const BlockAxis& axis,
                                  std::uint64_t end_bytes) {
  for (std::int64_t done = 0; done < axis.size;) {
    const auto piece = window_.at(from_bytes, width_, end_bytes);
    if (!piece) return std::unexpected(piece.error());
    std::int64_t count = axis.size - done;
    if (axis.from_stride_bytes > 0) {
      const auto reach = static_cast<std::int64_t>(piece->size() - width_) / axis.from_stride_bytes;
      count = std::min(count, reach + 1);
    }
    copy_line(width_, piece->data(), axis.from_stride_bytes, block_.data() + to_bytes, axis.to_stride_bytes, count);
    from_bytes += static_cast<std::uint64_t>(axis.from_stride_bytes * count);
    to_bytes += axis.to_stride_bytes * count;
    done += count;
  }
  return {};
}

}  // namespace sconce::core
