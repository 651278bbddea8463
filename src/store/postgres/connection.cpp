#include "store/postgres/connection.h"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <numeric>
#include <utility>

namespace store::postgres {
namespace asio = boost::asio;

/// What was sent up to one Sync. The timer is the deadline of whoever waits, and is cancelled to
/// say that the answer is here.
struct Connection::Group {
  Group(const asio::any_io_executor& executor, Deadline deadline) : done(executor, deadline) {}

  void settle(Answer with) {
    if (!answer) answer = std::move(with);
    done.cancel();
  }

  asio::steady_timer done;
  std::vector<const std::string*>
      steps;             // one for each result to come: what is being prepared, or null for a call
  std::size_t next = 0;  // in steps
  std::vector<Result> results;
  std::optional<Failure> failure;  // the first
  std::optional<Answer> answer;
};

std::shared_ptr<Connection> Connection::make(asio::any_io_executor executor, Options options) {
  return std::shared_ptr<Connection>(new Connection(std::move(executor), std::move(options)));
}

Connection::Connection(asio::any_io_executor executor, Options options)
    : executor_(std::move(executor)), options_(std::move(options)), socket_(executor_) {}

Connection::~Connection() {
  on_close_ = nullptr;
  close();
}

asio::awaitable<std::expected<void, Failure>> Connection::open(Deadline deadline) {
  return opened(shared_from_this(), deadline);
}

asio::awaitable<Answer> Connection::run(std::vector<Call> calls, Deadline deadline) {
  return answered(shared_from_this(), std::move(calls), deadline);
}

asio::awaitable<std::expected<void, Failure>> Connection::opened(Self self, Deadline deadline) {
  auto started = start_connecting(self->options_.conninfo);
  if (!started) co_return std::unexpected(std::move(started.error()));
  self->handle_ = std::move(*started);
  auto connecting = self->queue(deadline);
  self->poll_connecting();
  Answer answer = co_await wait(self, std::move(connecting));
  if (answer) {
    auto session = self->send(std::vector<Call>{{session_sql, session_settings(), true}}, deadline);
    answer = co_await wait(self, std::move(session));
  }
  const bool standby = answer && answer->front().boolean(0, 0);
  if (answer && !standby && self->handle_) {
    self->open_ = true;
    co_return std::expected<void, Failure>();
  }
  self->close();
  if (standby)
    answer = std::unexpected(
        Failure{Fault::refused, "25006", "the server is a standby: the store needs the primary"});
  co_return std::unexpected(std::move(answer.error()));
}

asio::awaitable<Answer> Connection::answered(Self self, std::vector<Call> calls,
                                             Deadline deadline) {
  if (auto obstacle = self->obstacle(calls, deadline))
    co_return std::unexpected(*std::move(obstacle));
  auto group = self->send(calls, deadline);
  calls.clear();
  co_return co_await wait(std::move(self), std::move(group));
}

asio::awaitable<Answer> Connection::wait(Self self, std::shared_ptr<Group> group) {
  if (!group->answer) {
    const auto [cancelled] = co_await group->done.async_wait(asio::as_tuple(asio::use_awaitable));
    if (!group->answer && cancelled)
      group->settle(std::unexpected(Failure{Fault::lost, "", "the wait for it was given up"}));
    if (!group->answer) {
      group->settle(
          std::unexpected(Failure{Fault::timeout, "", "the database did not answer in time"}));
      self->fail({Fault::lost, "", "the connection was closed: the database did not answer"});
    }
  }
  co_return *std::move(group->answer);
}

void Connection::post(Call call) {
  const std::span<const Call> calls(&call, 1);
  if (!obstacle(calls, Deadline::max())) send(calls, Deadline::max());
}

void Connection::close() { fail({Fault::lost, "", "the connection was closed"}); }

void Connection::fail(const Failure& failure) {
  if (socket_.is_open()) socket_.release();
  handle_.reset();
  statements_.clear();
  for (const auto& group : std::exchange(groups_, {})) {
    const bool told = group->failure && !group->failure->sqlstate.empty();
    Failure lost = told ? *std::move(group->failure) : failure;
    lost.fault = Fault::lost;
    group->settle(std::unexpected(std::move(lost)));
  }
  if (std::exchange(open_, false) && on_close_) on_close_();
}

// The number of the socket may change between two polls, and libpq closes it: so it is bound anew
// each time.
void Connection::poll_connecting() {
  if (socket_.is_open()) socket_.release();
  const auto state = PQconnectPoll(handle_.get());
  if (state == PGRES_POLLING_FAILED) return fail(loss_of(handle_.get()));
  boost::system::error_code failed;
  socket_.assign(PQsocket(handle_.get()), failed);
  if (failed) return fail({Fault::lost, "", failed.message()});
  if (state == PGRES_POLLING_OK) return begin_pipeline();
  when(state == PGRES_POLLING_READING ? Wait::wait_read : Wait::wait_write,
       &Connection::poll_connecting);
}

void Connection::begin_pipeline() {
  if (PQsetnonblocking(handle_.get(), 1) != 0 || PQenterPipelineMode(handle_.get()) != 1)
    return fail(loss_of(handle_.get()));
  auto connecting = std::move(groups_.front());
  groups_.pop_front();
  connecting->settle(std::vector<Result>());
  when(Wait::wait_read, &Connection::on_readable);
}

// Holds no reference: whoever lets go of the connection ends the wait.
void Connection::when(Wait ready, void (Connection::*next)()) {
  auto go_on = [weak = weak_from_this(), next](const boost::system::error_code& ended) {
    const auto self = weak.lock();
    if (!ended && self && self->handle_) (self.get()->*next)();
  };
  socket_.async_wait(ready, std::move(go_on));
}

void Connection::on_readable() {
  const bool alive = consume();
  drain();
  if (!handle_) return;
  const bool told = take_notifications();
  if (!alive) return fail(loss_of(handle_.get()));
  flush();
  if (handle_) when(Wait::wait_read, &Connection::on_readable);
  if (told && on_notify_) on_notify_();
}

void Connection::on_writable() {
  writing_ = false;
  flush();
  drain();
}

/// A TLS record may hold more than libpq takes at once; what it leaves there makes no socket
/// readable.
bool Connection::consume() {
  if (PQconsumeInput(handle_.get()) != 1) return false;
  auto* tls = static_cast<SSL*>(PQsslStruct(handle_.get(), "OpenSSL"));
  while (tls && SSL_pending(tls) > 0)
    if (PQconsumeInput(handle_.get()) != 1) return false;
  return true;
}

bool Connection::take_notifications() {
  bool any = false;
  while (auto* notification = PQnotifies(handle_.get())) {
    PQfreemem(notification);
    any = true;
  }
  return any;
}

std::optional<Failure> Connection::obstacle(std::span<const Call> calls, Deadline deadline) const {
  if (!open_) return Failure{Fault::refused, closed_state, "the connection is closed"};
  if (deadline <= std::chrono::steady_clock::now())
    return Failure{Fault::refused, "57014", "the time for it had passed"};
  if (groups_.size() >= options_.max_in_flight)
    return Failure{Fault::refused, "53400", "too much is under way on one connection"};
  const std::size_t bytes =
      std::accumulate(calls.begin(), calls.end(), std::size_t{0},
                      [](std::size_t sum, const Call& call) { return sum + call.params.bytes(); });
  if (bytes > options_.max_bytes)
    return Failure{Fault::refused, "54000", "the parameters are too large"};
  return std::nullopt;
}

std::shared_ptr<Connection::Group> Connection::queue(Deadline deadline) {
  return groups_.emplace_back(std::make_shared<Group>(executor_, deadline));
}

std::shared_ptr<Connection::Group> Connection::send(std::span<const Call> calls,
                                                    Deadline deadline) {
  auto group = queue(deadline);
  bool sent = handle_ != nullptr;
  for (const Call& call : calls) sent = sent && send(call, *group);
  if (!sent || PQpipelineSync(handle_.get()) != 1) {
    fail(loss_of(handle_.get()));
    return group;
  }
  flush();
  drain();
  return group;
}

bool Connection::send(const Call& call, Group& group) {
  const auto known = statements_.find(call.sql);
  const Statement* statement = nullptr;
  if (known == statements_.end() && !call.simple && statements_.size() < options_.max_statements) {
    statement = prepare(call, group);
    if (!statement) return false;
  } else if (known != statements_.end() && known->second.serves(call)) {
    statement = &known->second;
  }
  group.steps.push_back(nullptr);
  const auto values = call.params.values();
  const int count = static_cast<int>(values.size());
  const std::vector<int> binary(values.size(), 1);
  const int* lengths = call.params.lengths().data();
  if (statement)
    return PQsendQueryPrepared(handle_.get(), statement->name.c_str(), count, values.data(),
                               lengths, binary.data(), 1) == 1;
  return PQsendQueryParams(handle_.get(), call.sql.c_str(), count, call.params.types().data(),
                           values.data(), lengths, binary.data(), 1) == 1;
}

const Connection::Statement* Connection::prepare(const Call& call, Group& group) {
  const auto& types = call.params.types();
  const auto [place, added] =
      statements_.try_emplace(call.sql, Statement{fmt::format("s{}", ++names_), types});
  group.steps.push_back(&place->first);
  const bool sent = PQsendPrepare(handle_.get(), place->second.name.c_str(), call.sql.c_str(),
                                  static_cast<int>(types.size()), types.data()) == 1;
  return sent ? &place->second : nullptr;
}

void Connection::flush() {
  if (writing_) return;
  const int left = PQflush(handle_.get());
  if (left < 0) return fail(loss_of(handle_.get()));
  if (left == 0) return;
  writing_ = true;
  when(Wait::wait_write, &Connection::on_writable);
}

/// Needed after flush() as well, which reads where it cannot write.
void Connection::drain() {
  while (handle_ && !groups_.empty() && PQisBusy(handle_.get()) == 0) {
    PGresult* result = PQgetResult(handle_.get());
    nulls_ = result ? 0 : nulls_ + 1;  // one ends the results of each call
    if (result) take(result);
    if (nulls_ > 2) fail({Fault::lost, "", "the answers of the database do not fit"});
  }
}

void Connection::take(PGresult* owned) {
  if (PQresultStatus(owned) != PGRES_PIPELINE_SYNC) return step(owned);
  PQclear(owned);
  const auto group = std::move(groups_.front());
  groups_.pop_front();
  if (group->failure)
    group->settle(std::unexpected(*std::move(group->failure)));
  else
    group->settle(std::move(group->results));
}

void Connection::step(PGresult* owned) {
  Result result(owned);
  Group& group = *groups_.front();
  const auto status = PQresultStatus(owned);
  const bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
  const std::string* preparing =
      group.next < group.steps.size() ? group.steps[group.next++] : nullptr;
  if (!good && status != PGRES_PIPELINE_ABORTED && !group.failure)
    group.failure = refusal_of(owned);
  if (good && preparing)
    statements_.find(*preparing)->second.ready = true;
  else if (good)
    group.results.push_back(std::move(result));
  else if (preparing)
    statements_.erase(statements_.find(*preparing));
}

}  // namespace store::postgres
