#include "tests/contract/store_fixture.h"

#include <stdexcept>

namespace sconce::tests {

using namespace server::storage;

std::unique_ptr<Upload> upload_of(Store& store, std::string_view bytes) {
  auto upload = store.begin_upload(bytes.size());
  if (!upload) throw std::runtime_error(upload.error().what);
  const Status written = (*upload)->write(std::as_bytes(std::span(bytes)));
  if (!written) throw std::runtime_error(written.error().what);
  return std::move(*upload);
}

Write put_of(Store& store, std::string key, std::string_view bytes, Condition condition) {
  return {.key = std::move(key), .condition = std::move(condition), .what = Put{upload_of(store, bytes)}};
}

Write delete_of(std::string key, Condition condition) {
  return {.key = std::move(key), .condition = std::move(condition), .what = Delete{}};
}

CommitOutcome commit(Store& store, Write write) {
  std::vector<Write> writes;
  writes.push_back(std::move(write));
  auto outcome = store.commit(std::move(writes));
  if (!outcome) throw std::runtime_error(outcome.error().what);
  return std::move(*outcome);
}

std::string content_of(Store& store, const std::string& key) {
  const auto reader = store.open(key);
  if (!reader) throw std::runtime_error(reader.error().what);
  if (*reader == nullptr) return "(none)";
  const auto bytes = (*reader)->read(0, (*reader)->meta().size_bytes);
  if (!bytes) throw std::runtime_error(bytes.error().what);
  return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

}  // namespace sconce::tests
