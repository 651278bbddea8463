#include "store/postgres/news.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>
#include <vector>

namespace store::postgres {
namespace asio = boost::asio;

std::shared_ptr<NewsListener> NewsListener::make(asio::any_io_executor executor, Options options,
                                                 std::function<void()> wake) {
  return std::shared_ptr<NewsListener>(
      new NewsListener(std::move(executor), std::move(options), std::move(wake)));
}

NewsListener::NewsListener(asio::any_io_executor executor, Options options,
                           std::function<void()> wake)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      wake_(std::move(wake)),
      timer_(executor_) {}

void NewsListener::start() {
  asio::co_spawn(executor_, listen(shared_from_this()), asio::detached);
}

void NewsListener::stop() {
  wake_ = nullptr;
  if (connection_) connection_->close();
  timer_.cancel();
}

asio::awaitable<void> NewsListener::listen(Self self) {
  while (self->wake_) {
    if (!self->is_listening()) co_await connect(self);
    self->wake();
    if (!self->wake_) co_return;
    self->timer_.expires_after(self->pause());
    co_await self->timer_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

asio::awaitable<void> NewsListener::connect(Self self) {
  const auto connection = Connection::make(self->executor_, {.conninfo = self->options_.conninfo});
  self->connection_ = connection;
  const auto deadline = std::chrono::steady_clock::now() + self->options_.patience;
  if (auto opened = co_await connection->open(deadline); !opened) co_return;
  std::vector<Call> calls(1);
  calls[0] = {fmt::format("listen \"{}\"", self->options_.channel), {}, true};
  const Answer answer = co_await connection->run(std::move(calls), deadline);
  if (!answer) co_return connection->close();
  self->backoff_.reset();
  connection->on_notify([self = self.get()] { self->wake(); });
  connection->on_close([self = self.get()] { self->timer_.cancel(); });
}

std::chrono::milliseconds NewsListener::pause() {
  return is_listening() ? options_.interval : std::min(options_.interval, backoff_.next());
}

}  // namespace store::postgres
