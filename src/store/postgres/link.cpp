#include "store/postgres/link.h"

#include <boost/asio/post.hpp>

namespace store::postgres {

using boost::asio::awaitable;

/// Of the loop's thread.
struct Link::State {
  fetched::Loop& loop;
  const Connection::Options options;
  std::shared_ptr<Connection> connection{};

  void close() {
    if (connection) connection->close();
    connection.reset();
  }

  static awaitable<Answer> run(std::shared_ptr<State> self, std::vector<Call> calls,
                               Deadline deadline) {
    if (!self->connection || !self->connection->is_open()) {
      self->connection = Connection::make(self->loop.executor(), self->options);
      const auto opening = self->connection;
      if (auto open = co_await opening->open(deadline); !open)
        co_return std::unexpected(std::move(open.error()));
    }
    co_return co_await go_on(std::move(self), std::move(calls), deadline);
  }

  static awaitable<Answer> go_on(std::shared_ptr<State> self, std::vector<Call> calls,
                                 Deadline deadline) {
    const auto connection = self->connection;
    if (!connection)
      co_return std::unexpected(Failure{Fault::refused, closed_state, "the connection was lost"});
    co_return co_await connection->run(std::move(calls), deadline);
  }
};

Link::Link(fetched::Loop& loop, Connection::Options options)
    : loop_(loop), state_(std::make_shared<State>(loop, std::move(options))) {}

Link::~Link() {
  loop_.run_now([this] { state_->close(); });
}

awaitable<Answer> Link::run(std::vector<Call> calls, Deadline deadline) {
  return loop_.run(State::run(state_, std::move(calls), deadline));
}

awaitable<Answer> Link::go_on(std::vector<Call> calls, Deadline deadline) {
  return loop_.run(State::go_on(state_, std::move(calls), deadline));
}

void Link::post(Call call) {
  auto send = [state = state_, call = std::move(call)]() mutable {
    if (state->connection) state->connection->post(std::move(call));
  };
  boost::asio::post(loop_.executor(), std::move(send));
}

void Link::reset() {
  boost::asio::post(loop_.executor(), [state = state_] { state->close(); });
}

}  // namespace store::postgres
