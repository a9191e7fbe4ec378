#include "core/torch7/event_reader.h"

#include <cassert>
#include <utility>
#include <variant>

#include "core/torch7/ascii_scalars.h"
#include "core/torch7/binary_scalars.h"
#include "core/torch7/reader_machine.h"

namespace sconce::core {

class EventReader::Impl {
 public:
  Impl(Format format, EventSink& sink, const ReadOptions& options) : machine_(make(format, sink, options)) {}

  template <class Use>
  decltype(auto) with_machine(Use use) {
    return std::visit(use, machine_);
  }

 private:
  using Machine = std::variant<ReaderMachine<BinaryScalars>, ReaderMachine<AsciiScalars>>;

  static Machine make(Format format, EventSink& sink, const ReadOptions& options) {
    assert(format != Format::automatic);
    if (format == Format::ascii) {
      return Machine(std::in_place_type<ReaderMachine<AsciiScalars>>, format, sink, options);
    }
    return Machine(std::in_place_type<ReaderMachine<BinaryScalars>>, format, sink, options);
  }

  Machine machine_;
};

EventReader::EventReader(Format format, EventSink& sink, const ReadOptions& options)
    : impl_(std::make_unique<Impl>(format, sink, options)) {}
EventReader::EventReader(EventReader&&) noexcept = default;
EventReader& EventReader::operator=(EventReader&&) noexcept = default;
EventReader::~EventReader() = default;

Result<std::size_t> EventReader::put(std::span<const std::byte> bytes) {
  return impl_->with_machine([bytes](auto& machine) { return machine.put(bytes, false); });
}
Result<std::size_t> EventReader::put_last(std::span<const std::byte> bytes) {
  return impl_->with_machine([bytes](auto& machine) { return machine.put(bytes, true); });
}
std::uint64_t EventReader::elements_ahead_bytes() const {
  return impl_->with_machine([](auto& machine) { return machine.elements_ahead_bytes(); });
}
Status EventReader::pass_over_elements() {
  return impl_->with_machine([](auto& machine) { return machine.pass_over_elements(); });
}
bool EventReader::done() const {
  return impl_->with_machine([](auto& machine) { return machine.done(); });
}
void EventReader::begin_next() {
  impl_->with_machine([](auto& machine) { machine.begin_next(); });
}
std::uint64_t EventReader::offset() const {
  return impl_->with_machine([](auto& machine) { return machine.offset(); });
}
const UndeclaredClasses& EventReader::undeclared() const {
  return impl_->with_machine([](auto& machine) -> const UndeclaredClasses& { return machine.undeclared(); });
}
std::string EventReader::path() const {
  return impl_->with_machine([](auto& machine) { return machine.path(); });
}

}  // namespace sconce::core
