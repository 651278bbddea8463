#include "relay/worker.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

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
      store_(store),
      writer_(writer),
      log_(std::move(log)),
      admission_(extensions, WorkerServices{store}),
      parser_(options.limits),
      inbox_(max_inbox_messages, 0),
      deadline_timer_(context) {}

Worker::~Worker() = default;

std::shared_ptr<Session> Worker::open(Transport& transport) {
  return std::make_shared<Connection>(*this, transport, ++connections_);
}

void Worker::post(WorkerMessage message) {
  if (inbox_.push_waiting(std::move(message)) == decltype(inbox_)::Pushed::first)
    boost::asio::post(context_, [this] { drain_inbox(); });
}

bool Worker::submit(store::Write write, std::weak_ptr<Connection> publisher) {
  return writer_.submit({std::move(write), number_, std::move(publisher)});
}

void Worker::drain_inbox() {
  taken_ = inbox_.take_all(std::move(taken_));
  for (WorkerMessage& message : taken_) {
    std::visit([this](auto& received) { receive(received); }, message);
  }
  taken_.clear();
}

void Worker::receive(Changed& message) {
  if (!message.batch->changes.empty()) admission_.on_commit(*message.batch);
  known_commit_ = std::max(known_commit_.value_or(0), message.batch->last);
}

void Worker::receive(Settled& message) {
  for (const Answer& answer : message.answers) {
    if (const auto publisher = answer.publisher.lock()) publisher->on_answer(answer);
  }
  for (const store::StoredEvent& stored : message.batch->events) fan_out(stored);
}

void Worker::fan_out(const store::StoredEvent& stored) {
  const auto max_held = static_cast<std::size_t>(options_.limits.max_held_live_events);
  index_.match(*stored.event, [&](Subscription& subscription, std::uint32_t filter) {
    if (stored.seq != 0 && stored.seq <= subscription.live_after) return true;
    Connection& connection = subscription.connection;
    if (!admission_.may_read(stored, *connection.viewer(), subscription.filters[filter]))
      return false;
    if (!subscription.held)
      connection.deliver(subscription, stored.event);
    else if (subscription.held->size() < max_held)
      subscription.held->push_back({stored, filter});
    return true;
  });
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
    sweeping_ = false;
    if (error) return;
    const auto now = std::chrono::steady_clock::now();
    for (Pending& pending : pending_) {
      if (pending.deadline <= now) pending.signal.emit(boost::asio::cancellation_type::terminal);
    }
    if (!pending_.empty()) sweep_deadlines();
  });
}

}  // namespace relay
