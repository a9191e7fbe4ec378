#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "server/http/planned_request.h"
#include "server/net/types.h"
#include "server/net/workers.h"

namespace sconce::server::net {

/// Runs `job` on a worker; the coroutine waits without holding its I/O thread, and goes on there. What it throws, this
/// throws. Lifetime: `job` is borrowed and lives in the coroutine. Threads: the coroutine's.
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

/// Calls `begin` on a worker of `queue`, or, if `here`, on this thread. The coroutine goes on, on its I/O thread, once
/// what `begin` was given has been called, which may be on any thread and after `begin` has returned; until then it is
/// a job of `queue`, and `workers` do not go. `begin` is borrowed. If it throws, this does, and what it was given must
/// not have been called.
inline Awaitable<void> run_until_complete(Workers& workers, WorkQueue& queue, bool here,
                                          std::function<void(Completion)>& begin) {
  std::exception_ptr thrown;
  const auto initiate = [&workers, &queue, here, &begin, &thrown](auto handler) {
    auto back = asio::make_work_guard(asio::get_associated_executor(handler));
    struct Waiting {
      std::optional<Workers::Awaited> awaited;  // a job that is dropped before it begins is not waited for
      WorkQueue& queue;
      decltype(back) guard;
      decltype(handler) then;
      void go_on() {
        queue.end_job();
        asio::post(guard.get_executor(), std::move(then));
      }
    };
    const std::shared_ptr<Waiting> waiting(new Waiting{{}, queue, std::move(back), std::move(handler)});
    const auto call = [&workers, &begin, &thrown, waiting] {
      waiting->awaited.emplace(workers);
      try {
        return begin([waiting] { waiting->go_on(); });
      } catch (...) {
        thrown = std::current_exception();
      }
      waiting->go_on();  // when this thread has let go of what was thrown
    };
    queue.begin_job();
    if (here) call();
    else asio::post(queue.threads(), call);
  };
  UseAwaitable token;
  co_await asio::async_initiate<UseAwaitable, void()>(initiate, token);
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace sconce::server::net
