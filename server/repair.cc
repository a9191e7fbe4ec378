#include "server/repair.h"

#include "server/storage/rocksdb/repair.h"

namespace sconce::server {

namespace {

using Kind = storage::RepairFinding::Kind;

std::string where_of(const storage::RepairFinding& finding) {
  const bool is_object = finding.kind == Kind::lost_object || finding.kind == Kind::mended_object;
  return is_object ? "the object " + finding.where : finding.where;
}

std::string_view done_to(Kind kind, bool apply) {
  switch (kind) {
    case Kind::lost_log: return apply ? "the rest of the log is kept" : "the rest of the log would be kept";
    case Kind::lost_object: return apply ? "removed" : "would be removed";
    case Kind::mended_object: return apply ? "mended" : "would be mended";
    case Kind::damaged_file: return "the objects in it are told below";
    case Kind::not_repairable: return "this cannot be repaired; put a backup of the directory in its place";
  }
  return "";
}

}  // namespace

core::Result<RepairedData> repair_data(const std::filesystem::path& directory, bool apply,
                                       const std::function<void(const std::string&, const core::Error&)>& found) {
  const auto tell = [&](const storage::RepairFinding& finding) {
    core::Error error = finding.error;
    error.what.append("; ").append(done_to(finding.kind, apply));
    found(where_of(finding), error);
  };
  const auto repaired =
      storage::repair_rocksdb_store(directory, apply ? storage::RepairMode::apply : storage::RepairMode::tell, tell);
  if (!repaired) return std::unexpected(repaired.error());
  return RepairedData{.objects = repaired->objects,
                      .bytes = repaired->bytes,
                      .damages = repaired->lost_log_parts + repaired->lost_objects + repaired->mended_objects +
                                 repaired->not_repairable,
                      .not_repairable = repaired->not_repairable,
                      .removed = repaired->removed};
}

}  // namespace sconce::server
