#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <utility>

#include "server/net/types.h"
#include "server/net/workers.h"

namespace sconce::server::net {

using Told = std::move_only_function<void()>;

/// Runs `job` on a worker; the coroutine waits without holding its I/O thread, and goes on there. `job` is borrowed and
/// lives in the coroutine. What it throws, this throws.
inline Awaitable<void> run_on(asio::thread_pool& workers, std::function<void()>& job) {
  std::exception_ptr thrown;
  const auto initiate = [&workers, &job, &thrown](auto handler) {
    auto back = asio::make_work_guard(asio::get_associated_executor(handler));
    asio::post(workers, [&job, &thrown, back = std::move(back), handler = std::move(handler)]() mutable {
      try {
        job();
      } catch (...) {
        thrown = std::current_exception();
      }
      const auto executor = back.get_executor();
      asio::post(executor, std::move(handler));
    });
  };
  UseAwaitable token;
  co_await asio::async_initiate<UseAwaitable, void()>(initiate, token);
  if (thrown) std::rethrow_exception(thrown);
}

/// Calls `begin` on a worker, or, if there is none, on this thread. The coroutine goes on, on its I/O thread, once what
/// `begin` was given has been called, which may be on any thread and after `begin` has returned; `workers` wait for
/// that before they go. `begin` is borrowed. If it throws, this does, and what it was given must not have been called.
inline Awaitable<void> run_until_told(Workers& workers, asio::thread_pool* pool, std::function<void(Told)>& begin) {
  std::exception_ptr thrown;
  const auto initiate = [&workers, pool, &begin, &thrown](auto handler) {
    using Handler = decltype(handler);
    struct Waiting {
      Workers::Awaited awaited;
      decltype(asio::make_work_guard(asio::get_associated_executor(std::declval<Handler&>()))) back;
      Handler handler;
      void go_on() { asio::post(back.get_executor(), std::move(handler)); }
    };
    auto back = asio::make_work_guard(asio::get_associated_executor(handler));
    const auto waiting = std::make_shared<Waiting>(workers.awaited(), std::move(back), std::move(handler));
    const auto call = [&begin, &thrown, waiting] {
      try {
        begin([waiting] { waiting->go_on(); });
      } catch (...) {
        thrown = std::current_exception();
        waiting->go_on();
      }
    };
    if (pool != nullptr) asio::post(*pool, call);
    else call();
  };
  UseAwaitable token;
  co_await asio::async_initiate<UseAwaitable, void()>(initiate, token);
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace sconce::server::net
