#include "server/api/objects/roomy_spool.h"

#include <utility>

#include "core/files/spool_file.h"

namespace sconce::server::api {

namespace {

class RoomySpool final : public core::Spool {
 public:
  RoomySpool(std::unique_ptr<storage::DiskRoom> room, std::unique_ptr<core::Spool> file)
      : room_(std::move(room)), file_(std::move(file)) {}

  core::Status write(std::span<const std::byte> bytes) override {
    if (core::Status taken = room_->take(bytes.size()); !taken) return taken;
    core::Status written = file_->write(bytes);
    if (!written && written.error().code == core::ErrorCode::no_space) room_->failed();
    return written;
  }

  core::ByteSource& source() override { return file_->source(); }

 private:
  const std::unique_ptr<storage::DiskRoom> room_;
  const std::unique_ptr<core::Spool> file_;
};

}  // namespace

core::Result<std::unique_ptr<core::Spool>> make_roomy_spool(const ApiContext& context,
                                                            std::optional<std::uint64_t> size_hint) {
  auto room = context.scratch.disk_room(size_hint);
  if (!room) return std::unexpected(std::move(room.error()));
  auto file = core::make_spool_file(context.spool_directory, context.body_bytes_max);
  if (!file && file.error().code == core::ErrorCode::no_space) (*room)->failed();
  if (!file) return std::unexpected(std::move(file.error()));
  return std::make_unique<RoomySpool>(std::move(*room), std::move(*file));
}

}  // namespace sconce::server::api
