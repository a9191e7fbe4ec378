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
  return bytes_of(**reader, 0, (*reader)->meta().size_bytes);
}

std::string bytes_of(RevisionReader& reader, std::uint64_t offset, std::uint64_t size) {
  std::string content;
  while (content.size() < size) {
    const auto bytes = reader.read(offset + content.size(), size - content.size());
    if (!bytes) throw std::runtime_error(bytes.error().what);
    if (bytes->empty()) throw std::runtime_error("a read gave nothing");
    content.append(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  }
  return content;
}

std::string numbered_bytes(std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; bytes.size() < size; ++i) bytes += std::to_string(i) + ' ';
  bytes.resize(size);
  return bytes;
}

}  // namespace sconce::tests
