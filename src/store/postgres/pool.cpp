#include "store/postgres/pool.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace store::postgres {
namespace asio = boost::asio;

namespace {

constexpr auto now = std::chrono::steady_clock::now;

/// What was read on a lost connection, or not sent because it was, may be read again.
bool worth_repeating(const Answer& answer) {
  return !answer &&
         (answer.error().fault == Fault::lost || answer.error().sqlstate == closed_state);
}

}  // namespace

/// A place on a connection; given back when it goes.
class Pool::Lease {
 public:
  Lease(Self pool, std::shared_ptr<Slot> slot) : pool_(std::move(pool)), slot_(std::move(slot)) {
    ++slot_->busy;
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() {
    --slot_->busy;
    pool_->serve();
  }

  [[nodiscard]] Connection& connection() const { return *slot_->connection; }

 private:
  Self pool_;
  std::shared_ptr<Slot> slot_;
};

/// The timer is its deadline, and is cancelled to say that the lease is here, or that none will
/// come.
struct Pool::Waiter {
  Waiter(const asio::any_io_executor& executor, Deadline deadline) : timer(executor, deadline) {}

  asio::steady_timer timer;
  std::unique_ptr<Lease> lease;
};

std::shared_ptr<Pool> Pool::make(asio::any_io_executor executor, Options options) {
  return std::shared_ptr<Pool>(new Pool(std::move(executor), std::move(options)));
}

asio::awaitable<Answer> Pool::run(std::vector<Call> calls, Deadline deadline) {
  return answered(shared_from_this(), std::move(calls), deadline);
}

asio::awaitable<Answer> Pool::answered(Self self, std::vector<Call> calls, Deadline deadline) {
  Answer answer = co_await attempt(self, calls, deadline);
  if (worth_repeating(answer) && !self->closed_ && now() < deadline)
    answer = co_await attempt(self, std::move(calls), deadline);
  co_return answer;
}

asio::awaitable<Answer> Pool::attempt(Self self, std::vector<Call> calls, Deadline deadline) {
  Leased leased = co_await acquire(self, deadline);
  if (!leased) co_return std::unexpected(std::move(leased.error()));
  co_return co_await (*leased)->connection().run(std::move(calls), deadline);
}

asio::awaitable<Pool::Leased> Pool::acquire(Self self, Deadline deadline) {
  if (self->waiting_.empty())
    if (auto lease = self->lease()) co_return lease;
  if (self->closed_) co_return std::unexpected(self->nothing_came());
  if (self->waiting_.size() >= self->options_.max_waiting)
    co_return std::unexpected(
        Failure{Fault::refused, "53300", "too many queries wait for the database"});
  auto waiter = std::make_shared<Waiter>(self->executor_, deadline);
  self->waiting_.push_back(waiter);
  self->open_more();
  co_await waiter->timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (waiter->lease) co_return std::move(waiter->lease);
  std::erase(self->waiting_, waiter);
  co_return std::unexpected(self->nothing_came());
}

Failure Pool::nothing_came() const {
  if (closed_) return {Fault::lost, "", "the connections were closed"};
  return last_failure_.value_or(Failure{Fault::timeout, "", "no connection was free in time"});
}

std::unique_ptr<Pool::Lease> Pool::lease() {
  std::erase_if(slots_, [](const auto& slot) { return !slot->connection->is_open(); });
  const auto least =
      std::ranges::min_element(slots_, {}, [](const auto& slot) { return slot->busy; });
  if (least == slots_.end() || (*least)->busy > 0) open_more();
  if (least == slots_.end() || (*least)->busy >= options_.per_connection) return nullptr;
  return std::make_unique<Lease>(shared_from_this(), *least);
}

void Pool::serve() {
  while (!waiting_.empty()) {
    auto lease = this->lease();
    if (!lease) return;
    const auto waiter = std::move(waiting_.front());
    waiting_.pop_front();
    waiter->lease = std::move(lease);
    waiter->timer.cancel();
  }
}

void Pool::open_more() {
  if (opening_ || closed_ || slots_.size() >= options_.max) return;
  opening_ = true;
  asio::co_spawn(executor_, keep_opening(shared_from_this()), asio::detached);
}

/// Until one is open, or nobody waits for it.
asio::awaitable<void> Pool::keep_opening(Self self) {
  do {
    asio::steady_timer pause(self->executor_, self->not_before_);
    co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
    if (self->closed_) co_return;
    const auto connection =
        Connection::make(self->executor_, {.conninfo = self->options_.conninfo});
    self->connecting_ = connection;
    auto opened = co_await connection->open(now() + self->options_.patience);
    if (self->take(connection, std::move(opened))) co_return;
  } while (!self->waiting_.empty());
  self->opening_ = false;
}

/// True: it is of use, or nothing is any more.
bool Pool::take(std::shared_ptr<Connection> connection, std::expected<void, Failure> opened) {
  if (closed_) return connection->close(), true;
  if (!opened) {
    last_failure_ = std::move(opened.error());
    not_before_ = now() + backoff_.next();
    return false;
  }
  backoff_.reset();
  last_failure_.reset();
  connecting_.reset();
  opening_ = false;
  slots_.push_back(std::make_shared<Slot>(std::move(connection)));
  serve();
  return true;
}

std::size_t Pool::open_connections() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(slots_, [](const auto& slot) { return slot->connection->is_open(); }));
}

void Pool::close() {
  closed_ = true;
  for (const auto& waiter : std::exchange(waiting_, {})) waiter->timer.cancel();
  if (connecting_) connecting_->close();
  for (const auto& slot : std::exchange(slots_, {})) slot->connection->close();
}

}  // namespace store::postgres
