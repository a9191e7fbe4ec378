#include "proto/formats/convert/canonical_output.h"

#include <utility>

namespace sconce::proto {

namespace {

/// An output, and what it borrows.
class OwningOutput final : public ObjectOutput {
 public:
  OwningOutput(std::shared_ptr<core::ByteSource> source, std::shared_ptr<core::ObjectParts> parts,
               std::unique_ptr<ObjectOutput> output)
      : source_(std::move(source)), parts_(std::move(parts)), output_(std::move(output)) {}

  std::optional<std::uint64_t> size_bytes() const override { return output_->size_bytes(); }
  std::uint64_t size_hint_bytes() const override { return output_->size_hint_bytes(); }
  core::Status advance() override { return output_->advance(); }
  bool done() const override { return output_->done(); }
  bool is_zero_copy() const override { return output_->is_zero_copy(); }

 private:
  const std::shared_ptr<core::ByteSource> source_;
  const std::shared_ptr<core::ObjectParts> parts_;  // null if it is written whole
  const std::unique_ptr<ObjectOutput> output_;
};

}  // namespace

bool is_whole(const OutputPlan& plan) {
  const bool by_events = plan.format == ObjectFormat::json || (torch_format_of(plan.format) && plan.referenced);
  return plan.path.steps.empty() && !plan.slice && by_events;
}

core::Result<std::unique_ptr<ObjectOutput>> begin_canonical_output(const CanonicalBytes& object, const OutputPlan& plan,
                                                                   const core::ClassLayouts& classes,
                                                                   core::ByteSink& out, const OutputLimits& limits) {
  if (is_whole(plan)) {
    auto whole = begin_whole_output(*object.source, classes, plan.format, out);
    return std::make_unique<OwningOutput>(object.source, nullptr, std::move(whole));
  }
  auto parts = object.open_parts();
  if (!parts) return std::unexpected(std::move(parts.error()));
  auto output = begin_output(**parts, plan, out, limits);
  if (!output) return std::unexpected(std::move(output.error()));
  return std::make_unique<OwningOutput>(object.source, std::move(*parts), std::move(*output));
}

}  // namespace sconce::proto
