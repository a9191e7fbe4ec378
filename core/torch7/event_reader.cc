#include "core/torch7/event_reader.h"

#include "core/torch7/object_parser.h"

namespace sconce::core {

EventReader::EventReader(Format format, EventSink& sink, const ReadOptions& options)
    : parser_(make_object_parser(format, sink, options)) {}
EventReader::EventReader(EventReader&&) noexcept = default;
EventReader& EventReader::operator=(EventReader&&) noexcept = default;
EventReader::~EventReader() = default;

Result<std::size_t> EventReader::put(std::span<const std::byte> bytes) { return parser_->put(bytes, false); }
Result<std::size_t> EventReader::put_last(std::span<const std::byte> bytes) { return parser_->put(bytes, true); }
std::uint64_t EventReader::elements_ahead_bytes() const { return parser_->elements_ahead_bytes(); }
Status EventReader::pass_over_elements() { return parser_->pass_over_elements(); }
bool EventReader::done() const { return parser_->done(); }
void EventReader::begin_next() { parser_->begin_next(); }
std::uint64_t EventReader::offset() const { return parser_->offset(); }
const UndeclaredClasses& EventReader::undeclared() const { return parser_->undeclared(); }
std::string EventReader::suspect_note() const { return parser_->suspect_note(); }
std::string EventReader::path() const { return parser_->path(); }

}  // namespace sconce::core
