#include "server/storage/rocksdb/commit_writer.h"

#include <algorithm>
#include <new>
#include <utility>
#include <variant>
#include <vector>

namespace sconce::server::storage {

namespace {

void fail(std::span<PendingCommit> group, const core::Error& error) noexcept {
  for (PendingCommit& commit : group) {
    try {
      commit.outcome = std::unexpected(error);
    } catch (const std::bad_alloc& thrown) {
      commit.outcome = std::unexpected(error_of(thrown));
    }
  }
}

// How often deletes are tried once more where the disk is full: with the log as the files that are opened again leave
// it, with the ballast's space, and again, since what is flushed meanwhile may take that and leaves as much of the log.
constexpr unsigned kShortagesMax = 3;

bool only_deletes(const PendingCommit& commit) {
  return std::ranges::none_of(commit.writes,
                              [](const Write& write) { return std::holds_alternative<Put>(write.what); });
}

}  // namespace

void CommitWriter::apply(std::span<PendingCommit> group) {
  const std::lock_guard lock(mutex_);
  recover();
  if (apply_together(group)) return;
  for (PendingCommit& commit : group) (void)apply_together({&commit, 1});  // alone it has failed, or is written
}

Result<std::size_t> CommitWriter::move(std::span<const SegmentMove> moves) {
  std::vector<SegmentMove> unneeded;
  const auto decide = [&](CommitGroup& state) -> Status {
    for (const SegmentMove& move : moves) {
      const Result<bool> moved = state.move(move);
      if (!moved) return std::unexpected(moved.error());
      if (!*moved) unneeded.push_back(move);
    }
    return {};
  };
  Status decided;
  Status written;
  {
    const std::lock_guard lock(mutex_);
    recover();
    CommitGroup state(parts_.database, parts_.clock);
    decided = decide(state);
    if (decided) written = state.write(parts_.listener);
    if (!written) written = std::unexpected(as_shortage(written.error()));
  }
  if (!decided) unneeded.assign(moves.begin(), moves.end());
  for (const SegmentMove& move : unneeded) parts_.database.packs().discard(move.to);
  if (!decided) return std::unexpected(std::move(decided.error()));
  if (!written) return std::unexpected(std::move(written.error()));
  return moves.size() - unneeded.size();
}

Result<bool> CommitWriter::move(const std::string& key, const StoredObject& object, RocksdbUpload& upload,
                                std::vector<Placement>& replaced) {
  const std::lock_guard lock(mutex_);
  recover();
  CommitGroup state(parts_.database, parts_.clock);
  Result<bool> moved = state.move(key, object, upload);
  if (!moved || !*moved) return moved;
  if (const Status written = state.write(parts_.listener); !written) {
    return std::unexpected(as_shortage(written.error()));
  }
  replaced.insert(replaced.end(), state.replaced().begin(), state.replaced().end());
  return true;
}

void CommitWriter::drop(std::vector<Placement> replaced) {
  std::erase_if(replaced, [this](const Placement& bytes) { return !parts_.pins.retire(bytes); });
  parts_.sweeper.add(replaced);
}

/// What is kept in memory was read from the files that are closed meanwhile.
void CommitWriter::recover(bool gives_up_ballast) {
  if (!parts_.database.has_failed()) return;
  const ChangeOfAll change(parts_.listener);
  const Status recovered = parts_.database.recover(gives_up_ballast);
  if (!recovered) parts_.report(recovered.error());
}

/// False: nothing was written, and one by one the commits may do better.
bool CommitWriter::apply_together(std::span<PendingCommit> group, unsigned shortages) noexcept {
  try {
    return try_together(group, shortages);
  } catch (const std::exception& thrown) {
    fail(group, error_of(thrown));
    return true;
  }
}

bool CommitWriter::try_together(std::span<PendingCommit> group, unsigned shortages) {
  CommitGroup state(parts_.database, parts_.clock);
  if (const Status prepared = prepare(group, state); !prepared) {
    if (group.size() > 1 && !parts_.database.has_failed()) return false;
    fail(group, as_shortage(prepared.error()));
    return true;
  }
  const Status written = state.write(parts_.listener);
  if (written) settle(state);
  else after_failure(group, as_shortage(written.error()), shortages);
  return true;
}

/// Nothing of it was written, or stays: what the log had of it is cut off before the files are opened again.
void CommitWriter::after_failure(std::span<PendingCommit> group, const core::Error& error, unsigned shortages) {
  const bool is_retried =
      shortages < kShortagesMax && error.code == core::ErrorCode::no_space && std::ranges::any_of(group, only_deletes);
  if (is_retried) recover(shortages > 0);
  if (!is_retried || parts_.database.has_failed()) return fail(group, error);
  for (PendingCommit& commit : group) {
    if (only_deletes(commit))
      (void)apply_together({&commit, 1}, shortages + 1);  // one is never left to be applied alone
    else fail({&commit, 1}, error);
  }
}

/// Decides each commit. Nothing is written if it fails.
Status CommitWriter::prepare(std::span<PendingCommit> group, CommitGroup& state) {
  try {
    for (PendingCommit& commit : group) commit.outcome = state.decide(commit.writes);
    return {};
  } catch (const std::exception& thrown) {
    return std::unexpected(error_of(thrown));
  }
}

/// It is written. What is not handed on here stays marked as garbage for the next start.
void CommitWriter::settle(CommitGroup& state) noexcept {
  state.count(parts_.database.counters());
  try {
    drop(std::move(state.replaced()));
  } catch (const std::bad_alloc& thrown) {
    report_to(parts_.report, error_of(thrown));
  }
}

/// A database that only waits for space says of all else, too, that it writes nothing.
core::Error CommitWriter::as_shortage(core::Error error) {
  if (parts_.database.lacks_space()) error.code = core::ErrorCode::no_space;
  if (error.code == core::ErrorCode::no_space) parts_.database.space().failed();
  return error;
}

}  // namespace sconce::server::storage
