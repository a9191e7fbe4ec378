#pragma once

#include <memory>
#include <optional>
#include <span>

#include "server/http/planned_request.h"

namespace sconce::server::api {

/// A request that asks for no body; one that comes is dropped. Lifetime, threads: as PlannedRequest.
/// Errors: none; `respond` makes the response of what fails.
class BodilessRequest : public PlannedRequest {
 public:
  /// May block.
  virtual Response respond() = 0;

  Cost cost_of(std::span<const std::byte>) const override { return Cost::read; }
  HandlerOrResponse begin(std::optional<std::uint64_t>) final { return std::make_unique<Responder>(*this); }

 private:
  class Responder final : public RequestHandler {
   public:
    explicit Responder(BodilessRequest& request) : request_(request) {}
    OrResponse<void> put(std::span<const std::byte>) override { return {}; }
    Response finish() override { return request_.respond(); }

   private:
    BodilessRequest& request_;
  };
};

}  // namespace sconce::server::api
