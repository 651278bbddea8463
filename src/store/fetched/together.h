#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>
#include <vector>

namespace store::fetched {

namespace detail {

template <typename T>
boost::asio::awaitable<std::vector<T>> all_of(std::vector<boost::asio::awaitable<T>> works) {
  const auto executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer done(executor, std::chrono::steady_clock::time_point::max());
  std::vector<T> results(works.size());
  std::size_t left = works.size();
  std::exception_ptr thrown;
  for (std::size_t i = 0; i < works.size(); ++i) {
    boost::asio::co_spawn(executor, std::move(works[i]),
                          [&, i](std::exception_ptr error, T result) {
                            if (error) thrown = error;
                            results[i] = std::move(result);
                            if (--left == 0) done.cancel();
                          });
  }
  boost::system::error_code cancelled;
  while (left > 0)
    co_await done.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
  if (thrown) std::rethrow_exception(thrown);
  co_return results;
}

}  // namespace detail

/// Does all of it at the same time and waits for the end of all; the results in order. A caller that is cancelled waits as
/// well, so what it gives may refer to what belongs to it. REQUIRES: one thread runs the caller's executor; T has a default
/// constructor.
template <typename T>
boost::asio::awaitable<std::vector<T>> together(std::vector<boost::asio::awaitable<T>> works) {
  namespace asio = boost::asio;
  auto whole = asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable);
  const auto executor = co_await asio::this_coro::executor;
  co_return co_await asio::co_spawn(executor, detail::all_of(std::move(works)), std::move(whole));
}

}  // namespace store::fetched
