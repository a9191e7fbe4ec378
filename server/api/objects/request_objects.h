#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "core/budget.h"
#include "core/outline/object_parts.h"
#include "server/storage/store.h"

namespace sconce::server::api {

/// What one request has looked into, and the budget for all of it. A request that asks for many parts of few objects
/// opens each of these once. Threads: one at a time.
class RequestObjects {
 public:
  /// What is held is drawn from `memory`, which is borrowed.
  explicit RequestObjects(core::MemoryPool& memory)
      : budget_(std::make_shared<core::Budget>(core::BudgetLimits(), &memory)) {}

  const std::shared_ptr<core::Budget>& budget() const { return budget_; }

  /// Null if it is not here.
  std::shared_ptr<core::ObjectParts> find(const storage::Revision& revision);
  /// The budget now has what may be spent on an object of that size; once for each object.
  void allow_for(const storage::Revision& revision, std::uint64_t size_bytes);
  void keep(const storage::Revision& revision, std::shared_ptr<core::ObjectParts> parts);

  /// What the objects that are kept hold, and the budget does not know of.
  std::uint64_t held_bytes() const;

  /// Another item begins: what is kept goes if it takes much of the budget's memory.
  void begin_item();

 private:
  using Opened = std::pair<storage::Revision, std::shared_ptr<core::ObjectParts>>;

  const std::shared_ptr<core::Budget> budget_;
  std::vector<Opened> opened_;  // the one used last at the end
  std::set<storage::Revision> allowed_;
};

}  // namespace sconce::server::api
