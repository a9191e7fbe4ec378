#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <functional>
#include <utility>

#include "server/net/types.h"
#include "server/net/workers.h"

namespace sconce::server::net {

/// Runs `job` on a worker; the coroutine waits without holding its I/O thread, and goes on there. `job` is borrowed and
/// lives in the coroutine. What it throws, this throws.
inline Awaitable<void> run_on(WorkQueue& workers, std::function<void()>& job) {
  std::exception_ptr thrown;
  const auto initiate = [&workers, &job, &thrown](auto handler) {
    auto back = asio::make_work_guard(asio::get_associated_executor(handler));
    const auto work = [&job, &thrown] {
      try {
        job();
      } catch (...) {
        thrown = std::current_exception();
      }
    };
    workers.post(work, [back = std::move(back), handler = std::move(handler)]() mutable {
      const auto executor = back.get_executor();
      asio::post(executor, std::move(handler));
    });
  };
  UseAwaitable token;
  co_await asio::async_initiate<UseAwaitable, void()>(initiate, token);
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace sconce::server::net
