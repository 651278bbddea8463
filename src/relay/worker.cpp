#include "relay/worker.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "relay/errand.h"

namespace relay {
namespace {

constexpr std::size_t max_inbox_messages = 4096;
constexpr auto deadline_sweep = std::chrono::milliseconds(250);

}  // namespace

Worker::Worker(std::size_t number, boost::asio::io_context& context, const RelayOptions& options,
               store::Store& store, Writer& writer, const Extensions& extensions, base::Log log)
    : number_(number),
      context_(context),
      options_(options),
      writer_(writer),
      log_(base::component(log, "relay")),
      horizon_(context, options_.limits, [&writer] { writer.seek_news(); }),
      admission_(extensions,
                 WorkerServices{.rows = store,
                                .operations = *this,
                                .executor = context.get_executor(),
                                .recheck_connections = [this] { recheck_connections_ = true; },
                                .contact = writer.contact()}),
      visibility_(store, admission_, options_.limits, horizon_),
      parser_(options_.limits),
      reconciliations_(context, options_.limits),
      http_auth_(options_.limits, options_.clock, options_.used_http_auths),
      inbox_(max_inbox_messages, 0),
      deadline_timer_(context),
      relearn_timer_(context) {}

Worker::~Worker() = default;

std::shared_ptr<Session> Worker::open(Transport& transport) {
  auto connection = std::make_shared<Connection>(*this, transport);
  open_.push_back(*connection);
  return connection;
}

void Worker::stop() {
  stopped_ = true;
  relearn_timer_.cancel();
  horizon_.stop();
  admission_.stop();
}

void Worker::reload(const RelayOptions& options) {
  options_ = options;
  parser_.set_limits(options.limits);
  http_auth_.accept(options.auth_urls);
  admission_.on_reload();
  check_connections();
  reconciliations_.end_all("closed: the relay has a new configuration; open it again");
}

void Worker::report_failure(const store::StoreError& error) {
  if (const auto times = read_failures_.again())
    base::log(log_, base::level::err, "stored events could not be read",
              {{"error", error.message}, {"times", *times}});
}

void Worker::check_connections() {
  ++standings_;
  for (Connection& connection : open_) connection.check_standing(false);
}

void Worker::post(WorkerMessage message) {
  if (inbox_.push_waiting(std::move(message)) == decltype(inbox_)::Pushed::first)
    boost::asio::post(context_, [this] { drain_inbox(); });
}

bool Worker::submit(store::Write write, std::weak_ptr<Connection> publisher,
                    std::chrono::steady_clock::time_point read_at) {
  return writer_.submit(Submission{std::move(write), number_, std::move(publisher), read_at});
}

boost::asio::awaitable<std::expected<std::vector<store::StoredEvent>, std::string>> Worker::perform(
    store::OperationPtr operation) {
  const auto errand = std::make_shared<Errand>(context_);
  if (!writer_.submit(OperationSubmission{std::move(operation), number_, errand}))
    co_return std::unexpected("error: the relay is too busy for this now; try again in a moment");
  boost::system::error_code cancelled;
  if (!errand->outcome) {
    co_await errand->done.async_wait(
        boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
  }
  if (!errand->outcome) co_return std::unexpected("error: this took too long; try again");
  co_return *std::move(errand->outcome);
}

void Worker::drain_inbox() {
  taken_ = inbox_.take_all(std::move(taken_));
  for (WorkerMessage& message : taken_) {
    std::visit([this](auto& received) { receive(received); }, message);
  }
  taken_.clear();
}

void Worker::receive(Changed& message) {
  // One that was heard of before was committed before anything of it was read.
  if (!message.batch->changes.empty() && !horizon_.reaches(message.batch->last))
    relearning_ ? keep_for_later(message.batch) : apply(*message.batch);
  horizon_.advance(message.batch->last);
}

void Worker::apply(const store::CommitBatch& batch) {
  admission_.on_commit(batch);
  reconciliations_.on_commit(admission_);
  if (std::exchange(recheck_connections_, false)) check_connections();
}

void Worker::receive(Settled& message) {
  for (const Answer& answer : message.answers) {
    if (const auto publisher = answer.publisher.lock()) publisher->on_answer(answer);
  }
  for (const store::StoredEvent& stored : message.batch->events) fan_out(stored);
}

void Worker::receive(OperationDone& message) {
  message.errand->outcome = std::move(message.outcome);
  message.errand->done.cancel();
}

void Worker::tell(const nostr::Event& event, const Tally& tally) const {
  if (tally.delivered > 0) admission_.tell(Delivered{Source::live, tally.delivered});
  if (tally.withheld > 0) admission_.tell(Withheld{event.kind, tally.withheld});
}

void Worker::fan_out(const store::StoredEvent& stored) {
  Tally tally;
  index_.match(*stored.event, [&](Subscription& subscription, std::uint32_t filter) {
    return offer(stored, subscription, filter, tally);
  });
  tell(*stored.event, tally);
}

void Worker::offer(const std::vector<HeldEvent>& held, Subscription& subscription) {
  auto& awaited = subscription.awaited;
  if (!awaited.empty()) {  // those came later
    std::vector<AwaitedEvent> first;
    for (const HeldEvent& event : held) first.push_back({event.stored});
    awaited.insert(awaited.begin(), first.begin(), first.end());
    return;
  }
  for (const HeldEvent& event : held) {
    Tally tally;
    (void)offer(event.stored, subscription, event.filter, tally);
    tell(*event.stored.event, tally);
  }
}

bool Worker::offer(const store::StoredEvent& stored, Subscription& subscription,
                   std::uint32_t filter, Tally& tally) {
  if (stored.seq != 0 && stored.seq <= subscription.live_after) return true;
  if (!subscription.awaited.empty()) {
    offer_later(stored, subscription);
    return true;
  }
  if (show(stored, subscription, filter, tally)) return true;
  if (!visibility_.undecided(stored, *subscription.connection.viewer())) {
    ++tally.withheld;
    return false;
  }
  offer_later(stored, subscription);
  return true;
}

bool Worker::show(const store::StoredEvent& stored, Subscription& subscription,
                  std::uint32_t filter, Tally& tally) {
  Connection& connection = subscription.connection;
  const auto visible = visibility_.show(stored, *connection.viewer(), subscription.filters[filter]);
  if (!visible) return false;
  if (!subscription.held) {
    connection.deliver(subscription, *visible);
    ++tally.delivered;
  } else if (subscription.held->size() < max_held())
    subscription.held->push_back({stored, filter});
  return true;
}

void Worker::offer(const AwaitedEvent& event, Subscription& subscription) {
  const store::StoredEvent& stored = event.stored;
  if (!subscription.awaited.empty() ||
      (!event.asked && visibility_.undecided(stored, *subscription.connection.viewer())))
    return offer_later(stored, subscription);
  bool done = stored.seq != 0 && stored.seq <= subscription.live_after;
  Tally tally;
  for (std::uint32_t filter = 0; !done && filter < subscription.filters.size(); ++filter) {
    if (!subscription.filters[filter].matches(*stored.event)) continue;
    done = show(stored, subscription, filter, tally);
    if (!done) ++tally.withheld;
  }
  tell(*stored.event, tally);
}

void Worker::offer_later(const store::StoredEvent& stored, Subscription& subscription) {
  auto& awaited = subscription.awaited;
  if (awaited.size() >= max_held()) return;  // it will be closed
  awaited.push_back({stored});
  if (awaited.size() == 1) decide_awaited(subscription);
}

void Worker::decide_awaited(const Subscription& subscription) {
  // The head is the subscription's own: another one that took its id meanwhile has another.
  auto decide = [](Worker& worker, std::weak_ptr<Connection> reader, std::string id,
                   std::shared_ptr<const std::string> head) -> boost::asio::awaitable<void> {
    const auto find = [&](const std::shared_ptr<Connection>& connection) {
      Subscription* open = connection ? connection->find(id) : nullptr;
      return open && open->head == head ? open : nullptr;
    };
    auto connection = reader.lock();
    Subscription* open = find(connection);
    if (!open) co_return;
    std::vector<store::StoredEvent> asked;
    for (AwaitedEvent& event : open->awaited) {
      event.asked = true;
      asked.push_back(event.stored);
    }
    auto viewer = connection->viewer();
    connection.reset();
    co_await worker.visibility_.prepare(asked, std::move(viewer));
    connection = reader.lock();
    open = find(connection);
    if (!open) co_return;
    if (open->awaited.size() >= worker.max_held()) {
      connection->close_subscription(
          *open, "error: too many new events came while one was decided; ask again");
      co_return;
    }
    for (const AwaitedEvent& event : std::exchange(open->awaited, {})) worker.offer(event, *open);
  };
  spawn_with_deadline(
      decide(*this, subscription.connection.weak_from_this(), subscription.id, subscription.head));
}

void Worker::spawn_with_deadline(boost::asio::awaitable<void> decision) {
  const auto entry = pending_.emplace(pending_.end());
  entry->deadline = std::chrono::steady_clock::now() +
                    std::chrono::milliseconds(options_.limits.authorize_timeout_ms);
  auto finished = [this, entry](const std::exception_ptr&) { pending_.erase(entry); };
  boost::asio::co_spawn(
      context_, std::move(decision),
      boost::asio::bind_cancellation_slot(entry->signal.slot(), std::move(finished)));
  if (!sweeping_) sweep_deadlines();
}

void Worker::sweep_deadlines() {
  sweeping_ = true;
  deadline_timer_.expires_after(deadline_sweep);
  deadline_timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;  // the worker is gone
    sweeping_ = false;
    const auto now = std::chrono::steady_clock::now();
    for (Pending& pending : pending_) {
      if (pending.deadline <= now) pending.signal.emit(boost::asio::cancellation_type::terminal);
    }
    if (!pending_.empty()) sweep_deadlines();
  });
}

}  // namespace relay
