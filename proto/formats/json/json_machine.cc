#include "proto/formats/json/json_machine.h"

#include <utility>

#include "core/text/quote.h"

namespace sconce::proto {

namespace event = core::event;

namespace {

/// A container counts as a level of depth; scalars do not.
bool is_container(JsonObjectKind form) {
  return form == JsonObjectKind::table || form == JsonObjectKind::function || form == JsonObjectKind::instance ||
         form == JsonObjectKind::tensor || form == JsonObjectKind::storage;
}

}  // namespace

JsonFrame& JsonMachine::push() {
  if (depth_ == frames_.size()) frames_.emplace_back();
  JsonFrame& frame = frames_[depth_++];
  frame.form = JsonObjectKind::unknown;
  frame.where = Where::name;
  frame.parts = 0;
  frame.is_name = false;
  frame.member = 0;
  frame.key.clear();
  return frame;
}

/// Whether an object, in the sense of Torch, may begin here.
bool JsonMachine::takes_object() const {
  if (depth_ == 0) return true;
  switch (top().where) {
    case Where::name: return false;
    case Where::value: return take() == JsonValueKind::object;
    case Where::list: return take() == JsonValueKind::items;
    case Where::pair: return top().parts < 2;
  }
  return false;
}

/// Whether one may that is written as a JSON object.
bool JsonMachine::takes_form() const {
  return takes_object() || (top().where == Where::value && take() == JsonValueKind::storage);
}

core::Status JsonMachine::on_open(Bracket bracket) {
  if (bracket == Bracket::object) return open_object();
  if (depth_ == 0 || top().where == Where::pair) return misplaced("an array");
  if (top().where == Where::list) return take() == JsonValueKind::pairs ? begin_pair() : misplaced("an array");
  return begin_list();
}

core::Status JsonMachine::open_object() {
  if (takes_form()) {
    push();
    return {};
  }
  const bool is_name =
      top().where == Where::value && (take() == JsonValueKind::name || take() == JsonValueKind::name_or_null);
  if (!is_name) return misplaced("an object");
  push().is_name = true;
  return {};
}

core::Status JsonMachine::on_name(std::string_view name) {
  if (top().form == JsonObjectKind::unknown) return begin_form(name);
  const auto members = members_of(top().form);
  if (top().member == members.size())
    return malformed("expected `}`, and the member " + core::in_backticks(name) + " stands there");
  const std::string_view expected = members[top().member].name;
  if (name != expected) {
    return malformed("expected the member " + core::in_backticks(expected) + ", and " + core::in_backticks(name) +
                     " stands there");
  }
  top().where = Where::value;
  return {};
}

/// The first member says what the object is.
core::Status JsonMachine::begin_form(std::string_view name) {
  const JsonObjectKind form = form_beginning_with(name);
  if (form == JsonObjectKind::unknown) return malformed("no object begins with the member " + core::in_backticks(name));
  if (top().is_name && form != JsonObjectKind::bytes)
    return malformed("expected the member `bytes`, and " + core::in_backticks(name) + " stands there");
  const bool in_payload = depth_ > 1 && frames_[depth_ - 2].form == JsonObjectKind::instance;
  if (form == JsonObjectKind::scalars && !in_payload) return malformed("`scalars` can only stand in a payload");
  const bool in_tensor = depth_ > 1 && frames_[depth_ - 2].form == JsonObjectKind::tensor && !top().is_name;
  if (in_tensor && form != JsonObjectKind::storage && form != JsonObjectKind::reference) {
    return malformed("expected " + std::string(describe(JsonValueKind::storage)) + ", and " + core::in_backticks(name) +
                     " stands there");
  }
  if (is_container(form) && depth_ > limits_.depth_max) {
    return fail(core::ErrorCode::limit_exceeded,
                "containers are nested deeper than the limit depth_max of " + std::to_string(limits_.depth_max));
  }
  top().form = form;
  top().where = Where::value;
  return {};
}

core::Status JsonMachine::begin_list() {
  switch (take()) {
    case JsonValueKind::pairs:
    case JsonValueKind::items: break;
    case JsonValueKind::longs: (top().member == kSizesMember ? sizes_ : strides_).clear(); break;
    case JsonValueKind::elements: elements_.clear(); break;
    case JsonValueKind::pieces: base64_.begin(); break;
    default: return misplaced("an array");
  }
  top().where = Where::list;
  return {};
}

core::Status JsonMachine::begin_pair() {
  if (top().pairs_left == 0) return malformed("expected no more pairs than `count` says, and another stands there");
  top().pairs_left -= 1;
  top().where = Where::pair;
  top().parts = 0;
  top().key.clear();
  return {};
}

core::Status JsonMachine::on_close(Bracket bracket) {
  if (bracket == Bracket::object) return end_form();
  if (top().where == Where::list) return end_list();
  if (top().parts < 2) return malformed("expected a pair of two, and it ends before");
  top().where = Where::list;
  top().key.clear();
  return {};
}

core::Status JsonMachine::end_list() {
  const JsonValueKind list = take();
  std::uint64_t missing = list == JsonValueKind::pairs ? top().pairs_left : 0;
  if (list == JsonValueKind::elements) missing = left_;
  if (list == JsonValueKind::pieces) missing = left_;
  if (missing > 0) {
    const std::string_view what = list == JsonValueKind::pairs      ? "pairs"
                                  : list == JsonValueKind::elements ? "elements"
                                                                    : "bytes";
    return malformed("expected " + std::to_string(missing) + " more " + std::string(what) +
                     ", as announced, and `]` stands there");
  }
  if (list == JsonValueKind::elements) {
    if (core::Status status = emit_elements(); !status) return status;
  }
  if (list == JsonValueKind::pieces && is_streamed_) {
    if (core::Status status = emit_decoded(); !status) return status;
  }
  return member_done();
}

core::Status JsonMachine::end_form() {
  const auto members = members_of(top().form);
  if (top().form == JsonObjectKind::unknown) return malformed("expected a member, and `}` stands there");
  if (top().member < members.size()) {
    return malformed("expected the member " + core::in_backticks(members[top().member].name) +
                     ", and `}` stands there");
  }
  const JsonObjectKind form = top().form;
  const bool is_name = top().is_name;
  core::Status status;
  if (is_container(form)) status = emit(event::End{});
  depth_ -= 1;
  if (form == JsonObjectKind::reference) status = refer();
  if (form == JsonObjectKind::bytes && is_name) return take_name(std::exchange(text_, {}));
  if (form == JsonObjectKind::bytes && !is_streamed_) status = take_string();
  text_.clear();
  return status ? value_done() : status;
}

/// An object, or a scalar that stands for one, is complete.
core::Status JsonMachine::value_done() {
  if (depth_ == 0) return {};
  if (top().where == Where::pair) top().parts += 1;
  return top().where == Where::value ? member_done() : core::Status();
}

core::Status JsonMachine::member_done() {
  top().where = Where::name;
  if (core::Status status = announce(); !status) return status;
  top().member += 1;
  return {};
}

}  // namespace sconce::proto
