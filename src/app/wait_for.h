#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <utility>

namespace app {

/// Runs `task` to its end, on this thread: for commands, which have nothing else to do.
template <typename Result>
Result wait_for(boost::asio::awaitable<Result> task) {
  boost::asio::io_context context{1};
  std::optional<Result> result;
  auto store = [](boost::asio::awaitable<Result> asked,
                  std::optional<Result>& answer) -> boost::asio::awaitable<void> {
    answer = co_await std::move(asked);
  };
  boost::asio::co_spawn(context, store(std::move(task), result),
                        [](const std::exception_ptr& failure) {
                          if (failure) std::rethrow_exception(failure);
                        });
  context.run();
  return *std::move(result);
}

}  // namespace app
