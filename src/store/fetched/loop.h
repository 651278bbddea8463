#pragma once
// The thread on which a store's connections live.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <thread>
#include <utility>

namespace store::fetched {

/// An io_context with a thread of its own, which the destructor stops and joins: on another thread,
/// when no run() is under way and what lives on the loop has been closed. Thread-safe.
class Loop {
 public:
  using Executor = boost::asio::io_context::executor_type;

  Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  [[nodiscard]] Executor executor() { return context_.get_executor(); }

  /// Does the work on the loop's thread and goes on where the caller runs. A caller that is
  /// cancelled waits for the end of the work, which is not cancelled: it may refer to what belongs
  /// to the caller, and is to have a deadline. REQUIRES: the caller's executor lives until then; T
  /// has a default constructor.
  template <typename T>
  [[nodiscard]] boost::asio::awaitable<T> run(boost::asio::awaitable<T> work) {
    namespace asio = boost::asio;
    auto whole = asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable);
    co_return co_await asio::co_spawn(executor(), std::move(work), std::move(whole));
  }

  /// Does the work on the loop's thread and waits for its end, without a coroutine: for opening and
  /// closing.
  void run_now(const std::function<void()>& work);

 private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<Executor> guard_{context_.get_executor()};
  std::thread thread_;
};

}  // namespace store::fetched
