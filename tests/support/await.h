#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

namespace test {

/// Runs a coroutine to its end on a loop of its own.
template <typename T>
T await(boost::asio::awaitable<T> task) {
  boost::asio::io_context loop;
  std::optional<T> result;
  std::exception_ptr failure;
  boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr error, T value) {
    failure = error;
    result = std::move(value);
  });
  loop.run();
  if (failure) std::rethrow_exception(failure);
  if (!result) throw std::logic_error("the coroutine never finished");
  return *std::move(result);
}

}  // namespace test
