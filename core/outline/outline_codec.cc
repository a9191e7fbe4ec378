// The bytes of an outline:
//
//   outline  := version:u8 (2)  in_order:u8  count:varint  part{count}
//   part     := parent:varint  kind:u8  flags:u8  key  offset_bytes:varint  size_bytes:varint  index:i32
//               indices_before:i32  class:string  count:signed  [tensor]  [extent]
//   key      := 0:u8 | 1:u8 string | 2:u8 f64 | 3:u8 u8 | 4:u8 i32
//   tensor   := type:u8  device:u8  dimensions:varint  (size:signed  stride:signed){dimensions}  offset:signed
//               of tensors and storages
//   extent   := index:i32  count:signed  offset_bytes:varint  elements_offset_bytes:varint
//               if bit 1 of the flags is set
//
// varint is LEB128; signed is a varint in zigzag; i32 and f64 are little-endian. Flags: 1 complete, 2 has an extent, 4
// the storage is elsewhere.

#include <bit>

#include "core/little_endian.h"
#include "core/outline/outline.h"

namespace sconce::core {

namespace {

// 2: as 1, but read with the layouts of more classes, so that parts lie elsewhere.
constexpr std::uint8_t kVersion = 2;
constexpr std::uint8_t kComplete = 1;
constexpr std::uint8_t kHasExtent = 2;
constexpr std::uint8_t kElsewhere = 4;

bool is_array(PartKind kind) { return kind == PartKind::tensor || kind == PartKind::storage; }

class Encoder {
 public:
  void byte(std::uint8_t value) { bytes_ += static_cast<char>(value); }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) byte(static_cast<std::uint8_t>(value | 0x80U));
    byte(static_cast<std::uint8_t>(value));
  }
  void zigzag(std::int64_t value) {
    varint((static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63));
  }
  template <class T>
  void raw(T value) {
    append_little_endian(bytes_, value);
  }
  void text(std::string_view text) {
    varint(text.size());
    bytes_ += text;
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

struct KeyEncoder {
  Encoder& out;
  void operator()(std::monostate) const { out.byte(0); }
  void operator()(const std::string& key) const {
    out.byte(1);
    out.text(key);
  }
  void operator()(double key) const {
    out.byte(2);
    out.raw(key);
  }
  void operator()(bool key) const {
    out.byte(3);
    out.byte(key ? 1 : 0);
  }
  void operator()(KeyIndex key) const {
    out.byte(4);
    out.raw(key.index);
  }
};

void encode_part(const OutlinePart& part, Encoder& out) {
  out.varint(part.parent);
  out.byte(static_cast<std::uint8_t>(part.kind));
  out.byte(static_cast<std::uint8_t>((part.complete ? kComplete : 0) | (part.storage ? kHasExtent : 0) |
                                     (part.storage_is_elsewhere ? kElsewhere : 0)));
  std::visit(KeyEncoder{out}, part.key);
  out.varint(part.offset_bytes);
  out.varint(part.size_bytes);
  out.raw(part.index);
  out.raw(part.indices_before);
  out.text(part.class_name);
  out.zigzag(part.count);
  if (is_array(part.kind)) {
    out.byte(static_cast<std::uint8_t>(part.tensor_class.type));
    out.byte(static_cast<std::uint8_t>(part.tensor_class.device));
    out.varint(part.sizes.size());
    for (std::size_t d = 0; d < part.sizes.size(); ++d) {
      out.zigzag(part.sizes[d]);
      out.zigzag(part.strides[d]);
    }
    out.zigzag(part.storage_offset);
  }
  if (!part.storage) return;
  out.raw(part.storage->index);
  out.zigzag(part.storage->count);
  out.varint(part.storage->offset_bytes);
  out.varint(part.storage->elements_offset_bytes);
}

/// After a read beyond the end, or of a value that cannot be, `failed` is set and all that follows is zero.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : bytes_(bytes) {}
  bool failed() const { return failed_; }
  bool at_end() const { return bytes_.empty(); }
  void fail_if(bool wrong) { failed_ = failed_ || wrong; }

  std::uint8_t byte() { return raw<std::uint8_t>(); }
  std::uint8_t byte_up_to(std::uint8_t max) {
    const std::uint8_t value = byte();
    if (value <= max) return value;
    failed_ = true;
    return 0;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint8_t next = byte();
      value |= static_cast<std::uint64_t>(next & 0x7fU) << shift;
      if (next < 0x80) return value;
    }
    failed_ = true;
    return 0;
  }
  std::uint64_t varint_up_to(std::uint64_t max) {
    const std::uint64_t value = varint();
    if (value <= max) return value;
    failed_ = true;
    return 0;
  }
  std::int64_t zigzag() {
    const std::uint64_t value = varint();
    return static_cast<std::int64_t>(value >> 1U) ^ -static_cast<std::int64_t>(value & 1U);
  }
  template <class T>
  T raw() {
    const std::string_view bytes = next_bytes(sizeof(T));
    return failed_ ? T{} : load_little_endian<T>(bytes.data());
  }
  std::string_view text() { return next_bytes(varint()); }
  /// A count of things of which each has at least one byte.
  std::size_t count() {
    const std::uint64_t count = varint();
    if (count > bytes_.size()) failed_ = true;
    return failed_ ? 0 : count;
  }

 private:
  std::string_view next_bytes(std::uint64_t size) {
    if (failed_ || size > bytes_.size()) {
      failed_ = true;
      return {};
    }
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

  std::string_view bytes_;
  bool failed_ = false;
};

PartKey decode_key(Decoder& in) {
  switch (in.byte_up_to(4)) {
    case 1: return std::string(in.text());
    case 2: return in.raw<double>();
    case 3: return in.byte_up_to(1) == 1;
    case 4: return KeyIndex{in.raw<std::int32_t>()};
    default: return std::monostate();
  }
}

/// The part of that number in the outline.
OutlinePart decode_part(Decoder& in, std::size_t number) {
  OutlinePart part;
  part.parent = static_cast<std::uint32_t>(in.varint_up_to(number == 0 ? 0 : number - 1));
  part.kind = static_cast<PartKind>(in.byte_up_to(static_cast<std::uint8_t>(PartKind::reference)));
  const std::uint8_t flags = in.byte_up_to(kComplete | kHasExtent | kElsewhere);
  part.complete = (flags & kComplete) != 0;
  part.storage_is_elsewhere = (flags & kElsewhere) != 0;
  part.key = decode_key(in);
  part.offset_bytes = in.varint();
  part.size_bytes = in.varint();
  part.index = in.raw<std::int32_t>();
  part.indices_before = in.raw<std::int32_t>();
  part.class_name = in.text();
  part.count = in.zigzag();
  if (is_array(part.kind)) {
    part.tensor_class.type = static_cast<ElementType>(in.byte_up_to(static_cast<std::uint8_t>(ElementType::f64)));
    part.tensor_class.device = static_cast<Device>(in.byte_up_to(static_cast<std::uint8_t>(Device::cl)));
    in.fail_if(!exists(part.tensor_class));
    const std::size_t dimensions = in.count();
    for (std::size_t d = 0; d < dimensions; ++d) {
      part.sizes.push_back(in.zigzag());
      part.strides.push_back(in.zigzag());
    }
    part.storage_offset = in.zigzag();
  }
  if ((flags & kHasExtent) == 0) {
    in.fail_if(part.storage_is_elsewhere);
    return part;
  }
  part.storage.emplace();
  part.storage->index = in.raw<std::int32_t>();
  part.storage->count = in.zigzag();
  part.storage->offset_bytes = in.varint();
  part.storage->elements_offset_bytes = in.varint();
  return part;
}

}  // namespace

static_assert(std::endian::native == std::endian::little);

std::string encode_outline(const Outline& outline) {
  Encoder out;
  out.byte(kVersion);
  out.byte(outline.in_order ? 1 : 0);
  out.varint(outline.parts.size());
  for (const OutlinePart& part : outline.parts) encode_part(part, out);
  return out.take();
}

bool is_current_outline(std::string_view bytes) {
  return !bytes.empty() && static_cast<std::uint8_t>(bytes.front()) == kVersion;
}

Result<Outline> decode_outline(std::string_view bytes) {
  Decoder in(bytes);
  Outline outline;
  if (in.byte() != kVersion) return fail(ErrorCode::corrupt, "an outline has a version that is not known");
  outline.in_order = in.byte_up_to(1) == 1;
  const std::size_t count = in.count();
  outline.parts.reserve(count);
  for (std::size_t number = 0; number < count && !in.failed(); ++number) {
    outline.parts.push_back(decode_part(in, number));
  }
  if (in.failed() || !in.at_end() || outline.parts.size() != count || count == 0) {
    return fail(ErrorCode::corrupt, "an outline's bytes are not what was written");
  }
  return outline;
}

}  // namespace sconce::core
