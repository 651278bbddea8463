#pragma once
#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list_hook.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nostr/client_message.h"
#include "nostr/viewer.h"
#include "relay/connection_log.h"
#include "relay/messages.h"
#include "relay/reconciliation.h"
#include "relay/send_queue.h"
#include "relay/subscription.h"
#include "relay/transport.h"
#include "relay/visibility.h"

namespace relay {

class Worker;

/// One client: who it has proved to be, what it subscribed to, what waits to be sent to it. Knows no socket.
///
/// Confined to its worker's thread. Shared by its socket and by the coroutines that serve it: on_closed() ends its work,
/// the last holder ends its life. Each verb has its file: handle_event, handle_req,
/// handle_count, handle_close, handle_auth, handle_neg.
class Connection final : public Session,
                         public std::enable_shared_from_this<Connection>,
                         public boost::intrusive::list_base_hook<
                             boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  Connection(Worker& worker, Transport& transport);
  ~Connection() override;

  // Session: what the socket calls.
  void start() override;
  [[nodiscard]] Flow on_message(std::string_view text) override;
  [[nodiscard]] bool busy() const override;
  void on_sent() override;
  void on_closed() override;
  [[nodiscard]] SendQueue& outgoing() override { return outgoing_; }

  // What the worker calls.
  void on_answer(const Answer& answer);
  /// Closes the connection if an extension refuses it. False: it did.
  bool check_standing(bool opens);
  /// The worker has to read anew what it knows; the client comes back and asks again.
  void send_away() { transport_->close(close_reason::relearning); }
  /// The caller tells who observes.
  void deliver(const Subscription& subscription, const VisibleEvent& event) {
    push({subscription.head, event.event()});
  }
  /// The open subscription of this id; nullptr if there is none.
  [[nodiscard]] Subscription* find(std::string_view id);
  /// Ends it and tells the client why.
  void close_subscription(const Subscription& subscription, std::string_view reason);
  [[nodiscard]] const nostr::ViewerPtr& viewer() const { return viewer_; }
  /// Ends the reconciliation of this id, if there is one, and tells the client why (NEG-ERR).
  void refuse_reconciliation(std::string_view id, std::string_view reason,
                             std::optional<std::uint64_t> max_events = std::nullopt);

 private:
  using Awaitable = boost::asio::awaitable<void>;

  void handle(nostr::EventMessage message);
  void handle(nostr::ReqMessage message);
  void handle(nostr::CountMessage message);
  void handle(nostr::CloseMessage message);
  void handle(nostr::AuthMessage message);
  void handle(nostr::NegOpenMessage message);
  void handle(nostr::NegMsgMessage message);
  void handle(nostr::NegCloseMessage message);

  // handle_event.cpp
  using Instant = std::chrono::steady_clock::time_point;
  Awaitable authorize(std::shared_ptr<Connection> self, nostr::EventPtr event, Instant read_at);
  /// Answers an event that ends here: denied or swallowed.
  void settle(const nostr::Event& event, const Verdict& verdict, Instant read_at);
  void answer(const nostr::Event& event, bool accepted, std::string_view reason, Instant read_at);
  /// `viewer`: as whom it was decided; `note`: what the decision left (Verdict::note).
  void submit(nostr::EventPtr event, nostr::ViewerPtr viewer, std::uint8_t note, Instant read_at);

  // handle_auth.cpp
  [[nodiscard]] std::string refusal_of_auth(const nostr::Event& event) const;
  void answer_auth(const nostr::Event& event, std::string_view refusal);
  Awaitable authenticate(std::shared_ptr<Connection> self, nostr::EventPtr event);

  // handle_req.cpp
  /// Why this subscription is refused without asking further; empty if it is not.
  [[nodiscard]] std::string refusal_of(const nostr::ReqMessage& message);
  Awaitable authorize(std::shared_ptr<Connection> self, SubscriptionPtr subscription,
                      Instant read_at);
  Awaitable read_stored(std::shared_ptr<Connection> self, SubscriptionPtr subscription,
                        std::vector<VisibleEvent> given, Instant read_at);
  void go_live(Subscription& subscription, store::Seq snapshot);
  void end_reading();
  /// While it lives, no other stored query of the connection reads: each keeps pages in memory, which a client that
  /// reads slowly must not multiply.
  class ReadTurn {
   public:
    explicit ReadTurn(Connection& connection) : connection_(connection) {
      connection_.reading_ = true;
    }
    ~ReadTurn() { connection_.reading_ = false; }
    ReadTurn(const ReadTurn&) = delete;
    ReadTurn& operator=(const ReadTurn&) = delete;

   private:
    Connection& connection_;
  };
  Awaitable read_in_turns(Subscription& subscription, std::vector<VisibleEvent> given,
                          Instant read_at);
  /// Waits for room to send, and until no other stored query of this connection reads, or until `open` is false.
  Awaitable turn_to_read(const bool& open);
  Awaitable room_to_send();
  Awaitable next_wake();
  void wake_readers();

  // handle_count.cpp
  Awaitable authorize_count(std::shared_ptr<Connection> self, SubscriptionPtr query);
  Awaitable count(std::shared_ptr<Connection> self, SubscriptionPtr query);
  Awaitable count_in_turns(Subscription& query);

  // handle_neg.cpp
  Awaitable authorize_reconciliation(std::shared_ptr<Connection> self, ReconciliationPtr opened,
                                     nostr::negentropy::Bytes first);
  Awaitable read_reconciliation(std::shared_ptr<Connection> self, ReconciliationPtr opened,
                                nostr::negentropy::Bytes first);
  /// Of a store that others write to: it may have ended by what they did.
  Awaitable answer_when_caught_up(std::shared_ptr<Connection> self, ReconciliationPtr opened,
                                  nostr::negentropy::Bytes message);
  /// It is not open any more where that failed.
  Awaitable read_items_in_turns(Reconciliation& opened);
  /// How many items one more reconciliation of this connection may keep.
  [[nodiscard]] std::size_t room_for_items() const;
  void answer(Reconciliation& opened, std::span<const std::uint8_t> message);
  /// NEG-ERR for what is not open, or not any more.
  void refuse_neg(std::string_view id, std::string_view reason,
                  std::optional<std::uint64_t> max_events = std::nullopt);
  [[nodiscard]] ReconciliationPtr find_reconciliation(std::string_view id);
  void end_reconciliation(std::string_view id);

  // handle_close.cpp
  /// Ends the subscription of this id, if there is one.
  void end_subscription(std::string_view id);
  /// CLOSED for a REQ or COUNT.
  void refuse_request(ClientVerb verb, std::string_view id, std::string_view reason);

  /// Holds back further messages while an extension decides on this one, so that their order is kept.
  void begin_decision() { deciding_ = true; }
  /// More input would only pile up what waits to be sent or read: none is taken for now.
  [[nodiscard]] bool crowded() const;
  /// Takes input again once nothing holds it back any more.
  void take_input();
  void end_decision();

  [[nodiscard]] bool closed() const { return transport_ == nullptr; }
  void send(std::string text);
  void push(Outgoing message);
  void refuse(const nostr::MessageError& error);

  Worker& worker_;
  Transport* transport_;        // null once the socket is gone
  const std::uint64_t number_;  // in the log
  ConnectionCounts counts_;
  nostr::ViewerPtr viewer_;
  const base::IpAddress peer_;
  std::vector<SubscriptionPtr> subscriptions_;
  std::vector<ReconciliationPtr> reconciliations_;
  SendQueue outgoing_;
  std::unique_ptr<boost::asio::steady_timer> wake_;  // stored queries that wait, wait on it
  std::uint32_t readers_ = 0;                        // stored queries under way
  bool reading_ = false;                             // one of them is between two slices
  bool waiting_ = false;                             // the socket was told to wait
  std::array<std::uint8_t, 16> challenge_{};
  std::uint32_t writes_in_flight_ = 0;
  bool deciding_ = false;
  bool in_message_ = false;
};

}  // namespace relay
