#include "relay/connection.h"

#include <openssl/rand.h>

#include "nostr/relay_message.h"
#include "relay/worker.h"

namespace relay {
namespace {

/// In the order of nostr::ClientMessage.
ClientVerb verb_of(const nostr::ClientMessage& message) {
  static_assert(std::variant_size_v<nostr::ClientMessage> + 1 == client_verbs);
  return static_cast<ClientVerb>(message.index());
}

/// As far as the answer shows what it was meant to be.
ClientVerb verb_of(const nostr::MessageError& error) {
  using Answer = nostr::MessageError::Answer;
  switch (error.answer) {
    case Answer::ok_false:
      return ClientVerb::event;
    case Answer::auth_false:
      return ClientVerb::auth;
    case Answer::closed:
      return ClientVerb::req;
    case Answer::count_closed:
      return ClientVerb::count;
    case Answer::neg_err:
      return ClientVerb::neg_open;
    case Answer::notice:
      break;
  }
  return ClientVerb::other;
}

ClientVerb verb_of(const std::expected<nostr::ClientMessage, nostr::MessageError>& message) {
  return message ? verb_of(*message) : verb_of(message.error());
}

}  // namespace

Connection::Connection(Worker& worker, Transport& transport)
    : worker_(worker),
      transport_(&transport),
      number_(transport.number()),
      counts_{.opened = worker.now()},
      viewer_(worker.anonymous()),
      peer_(transport.peer()) {
  const auto& salt = worker_.options().address_salt;
  log_opened(worker_.log(), number_, peer_, salt ? &*salt : nullptr);
}

Connection::~Connection() = default;

bool Connection::check_standing(bool opens) {
  const std::string_view refusal =
      worker_.admission().check_connection({*viewer_, peer_, worker_.now(), opens});
  if (refusal.empty()) return true;
  transport_->close({1008, refusal});
  return false;
}

void Connection::start() {
  if (worker_.horizon().lost()) return send_away();
  if (!check_standing(true)) return;
  if (!worker_.options().offer_auth) return;
  if (RAND_bytes(challenge_.data(), static_cast<int>(challenge_.size())) != 1) {
    transport_->close({1011, "no randomness for a challenge"});
    return;
  }
  send(nostr::auth_message(base::to_hex(challenge_)));
}

Session::Flow Connection::on_message(std::string_view text) {
  in_message_ = true;
  auto message = worker_.parser().parse(text);
  worker_.admission().tell(Received{verb_of(message)});
  ++counts_.received;
  if (message) log_received(worker_.log(), number_, *message);
  if (message)
    std::visit([this](auto& parsed) { handle(std::move(parsed)); }, *message);
  else
    refuse(message.error());
  in_message_ = false;
  waiting_ = deciding_ || crowded();
  return waiting_ ? Flow::wait : Flow::go_on;
}

bool Connection::crowded() const {
  const auto& limits = worker_.options().limits;
  return outgoing_.bytes() > static_cast<std::size_t>(limits.send_queue_high_water_bytes) ||
         readers_ > static_cast<std::size_t>(limits.max_subscriptions);
}

void Connection::take_input() {
  if (!waiting_ || deciding_ || in_message_ || crowded() || closed()) return;
  waiting_ = false;
  transport_->resume();
}

void Connection::refuse(const nostr::MessageError& error) {
  using Answer = nostr::MessageError::Answer;
  switch (error.answer) {
    case Answer::auth_false:
      worker_.admission().tell(AuthAnswered{error.reason});
      return send(nostr::ok_message(error.subject, false, error.reason));
    case Answer::ok_false:
      worker_.admission().tell(EventAnswered{{}, false, error.reason, {}});
      return send(nostr::ok_message(error.subject, false, error.reason));
    case Answer::notice:
      return send(nostr::notice_message(error.reason));
    case Answer::closed:
      end_subscription(error.subject);
      [[fallthrough]];
    case Answer::count_closed:
      return refuse_request(verb_of(error), error.subject, error.reason);
    case Answer::neg_err:
      return refuse_reconciliation(error.subject, error.reason);
  }
}

void Connection::on_closed() {
  if (transport_) log_closed(worker_.log(), number_, transport_->ended(), counts_, worker_.now());
  transport_ = nullptr;
  unlink();
  for (const auto& subscription : subscriptions_) {
    subscription->open = false;
    worker_.subscriptions().remove(*subscription);
  }
  if (!subscriptions_.empty())
    worker_.admission().tell(SubscriptionsChanged{-std::ssize(subscriptions_)});
  subscriptions_.clear();
  while (!reconciliations_.empty()) end_reconciliation(reconciliations_.back()->id);
  for (const auto& key : viewer_->keys) worker_.admission().on_leave(key);
  viewer_ = worker_.anonymous();
  wake_readers();
}

void Connection::on_answer(const Answer& answer) {
  --writes_in_flight_;
  this->answer(*answer.event, answer.accepted, answer.reason, answer.read_at);
}

bool Connection::busy() const { return deciding_ || writes_in_flight_ > 0; }

void Connection::on_sent() {
  wake_readers();
  take_input();
}

void Connection::end_decision() {
  deciding_ = false;
  take_input();
}

void Connection::send(std::string text) {
  if (worker_.admission().observed()) worker_.admission().tell(Sent{relay_verb_of(text)});
  if (transport_) log_sent(worker_.log(), number_, text);
  push({std::make_shared<const std::string>(std::move(text)), nullptr});
}

void Connection::push(Outgoing message) {
  if (!transport_) return;
  const bool idle = outgoing_.empty();
  outgoing_.push(std::move(message));
  ++counts_.sent;
  if (idle) transport_->wake();
}

}  // namespace relay
