#pragma once
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "base/bounded_queue.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/repeated.h"
#include "nostr/client_message.h"
#include "nostr/verify.h"
#include "relay/admission.h"
#include "relay/connection.h"
#include "relay/horizon.h"
#include "relay/http_visits.h"
#include "relay/messages.h"
#include "relay/reconciliation.h"
#include "relay/subscription_index.h"
#include "relay/transport.h"
#include "relay/visibility.h"
#include "relay/writer.h"
#include "store/store.h"

namespace relay {

/// What all workers are given; each has a copy, which a reload replaces.
struct RelayOptions {
  base::Limits limits;
  bool offer_auth = true;              ///< send NIP-42 challenges, take AUTH
  std::vector<std::string> auth_urls;  ///< the relay URLs an AUTH event or an HTTP call may name
  base::Clock clock = base::system_now;
  bool offer_count = true;  ///< answer COUNT (NIP-45)
  bool eose_hints = false;  ///< say in EOSE when nothing is missing (NIP-67)
  std::shared_ptr<UsedHttpAuths> used_http_auths =
      std::make_shared<UsedHttpAuths>();  ///< one for all workers
  /// nullopt: no trace of client addresses in the log.
  std::optional<AddressSalt> address_salt{};
};

/// One thread's share of the relay: its connections, their subscriptions and the extensions' per-worker halves. Nothing of
/// it is touched by another thread but the inbox, so nothing on the road of an event or a delivery takes a lock.
class Worker : private Operations {
 public:
  Worker(std::size_t number, boost::asio::io_context& context, const RelayOptions& options,
         store::Store& store, Writer& writer, const Extensions& extensions, base::Log log);
  ~Worker();

  /// A client whose WebSocket is open. On this worker's thread.
  [[nodiscard]] std::shared_ptr<Session> open(Transport& transport);
  /// Lets the extensions load what they must know; false when one cannot. Before the worker runs, on its context.
  [[nodiscard]] boost::asio::awaitable<bool> start() { return admission_.start(); }
  /// All connections are closed. On this worker's thread.
  void stop();
  /// The HTTP calls of the extensions, to be answered on this worker; while it is lost (Horizon),
  /// by 503.
  [[nodiscard]] std::vector<HttpRoute> routes();
  /// What the store holds before the relay serves anyone. Before the worker runs.
  void begin_at(store::Seq last_commit) { horizon_.advance(last_commit); }
  /// A reload: what follows goes by `options`, and the extensions take over their new configurations;
  /// connections that they refuse now are closed. On this worker's thread, or before it runs.
  void reload(const RelayOptions& options);
  /// From the writer. Thread-safe; waits while the inbox is full.
  void post(WorkerMessage message);
  // For the verbs.
  [[nodiscard]] const RelayOptions& options() const { return options_; }
  [[nodiscard]] base::UnixSeconds now() const { return options_.clock(); }
  [[nodiscard]] boost::asio::io_context& context() { return context_; }
  [[nodiscard]] Admission& admission() { return admission_; }
  /// How often all connections were looked at again.
  [[nodiscard]] std::uint64_t standings() const { return standings_; }
  [[nodiscard]] const Visibility& visibility() const { return visibility_; }
  [[nodiscard]] nostr::MessageParser& parser() { return parser_; }
  [[nodiscard]] nostr::Verifier& verifier() { return verifier_; }
  [[nodiscard]] SubscriptionIndex& subscriptions() { return index_; }
  [[nodiscard]] Reconciliations& reconciliations() { return reconciliations_; }
  [[nodiscard]] const base::Log& log() const { return log_; }
  /// A stored query failed; said once in a while, with how often.
  void report_failure(const store::StoreError& error);
  /// What this worker has heard of commits (Changed). Stored queries stop at the last one, so that
  /// an event is judged by memberships at least as new as itself; later ones come live.
  [[nodiscard]] const Horizon& horizon() const { return horizon_; }
  [[nodiscard]] const nostr::ViewerPtr& anonymous() const { return anonymous_; }
  /// Delivers the live events that were held, now or when they are decided, those that the subscription lacks and may have.
  void offer(const std::vector<HeldEvent>& held, Subscription& subscription);
  /// False when the writer is busy beyond its bounds.
  [[nodiscard]] bool submit(store::Write write, std::weak_ptr<Connection> publisher,
                            std::chrono::steady_clock::time_point read_at);
  /// Messages from the writer that wait. Thread-safe.
  [[nodiscard]] std::size_t queue_depth() const { return inbox_.size(); }

  /// Runs `decision` under the authorization deadline: when it has passed, whatever the coroutine waits for is
  /// cancelled, and the wait ends with an exception (which Admission takes for a denial).
  void spawn_with_deadline(boost::asio::awaitable<void> decision);

 private:
  [[nodiscard]] std::size_t max_held() const {
    return static_cast<std::size_t>(options_.limits.max_held_live_events);
  }

  struct Pending {
    boost::asio::cancellation_signal signal;
    std::chrono::steady_clock::time_point deadline;
  };

  /// Closes those that an extension refuses now.
  void check_connections();
  void drain_inbox();
  void receive(Changed& message);
  void receive(LostTrack& message);
  void receive(Settled& message);
  void receive(OperationDone& message);
  void apply(const store::CommitBatch& batch);
  void fan_out(const store::StoredEvent& stored);
  /// What became of one event's offers.
  struct Tally {
    std::uint64_t delivered = 0, withheld = 0;
  };
  void tell(const nostr::Event& event, const Tally& tally) const;
  /// True: the subscription is done with this event, whichever of its filters match.
  [[nodiscard]] bool offer(const store::StoredEvent& stored, Subscription& subscription,
                           std::uint32_t filter, Tally& tally);
  /// False: it may not be shown.
  [[nodiscard]] bool show(const store::StoredEvent& stored, Subscription& subscription,
                          std::uint32_t filter, Tally& tally);
  /// By whichever of its filters. What was asked for and still cannot be decided is withheld.
  void offer(const AwaitedEvent& event, Subscription& subscription);
  /// Behind those that wait already: a subscription hears of all in their order.
  void offer_later(const store::StoredEvent& stored, Subscription& subscription);
  void decide_awaited(const Subscription& subscription);

  // relearn.cpp
  boost::asio::awaitable<void> relearn();
  [[nodiscard]] boost::asio::awaitable<bool> try_to_relearn();
  /// A commit that changed rows while they are read anew.
  void keep_for_later(const BatchPtr& batch);

  // Operations
  [[nodiscard]] boost::asio::awaitable<std::expected<std::vector<store::StoredEvent>, std::string>>
  perform(store::OperationPtr operation) override;
  void sweep_deadlines();

  const std::size_t number_;
  boost::asio::io_context& context_;
  RelayOptions options_;
  Writer& writer_;
  const base::Log log_;
  Horizon horizon_;
  Admission admission_;
  const Visibility visibility_;
  nostr::MessageParser parser_;
  nostr::Verifier verifier_;
  SubscriptionIndex index_;
  Reconciliations reconciliations_;
  HttpAuth http_auth_;
  Visits visits_{{admission_, visibility_, http_auth_, options_, horizon_}};
  base::BoundedQueue<WorkerMessage> inbox_;
  std::vector<WorkerMessage> taken_;  // scratch
  std::list<Pending> pending_;
  boost::asio::steady_timer deadline_timer_;
  bool sweeping_ = false;
  boost::asio::steady_timer relearn_timer_;
  std::vector<BatchPtr> kept_for_later_;
  bool relearning_ = false;
  bool relearnt_too_early_ = false;  // something that is needed was not kept
  bool stopped_ = false;
  boost::intrusive::list<Connection, boost::intrusive::constant_time_size<false>> open_;
  base::Repeated read_failures_;
  bool recheck_connections_ = false;
  std::uint64_t standings_ = 0;
  const nostr::ViewerPtr anonymous_ = std::make_shared<const nostr::Viewer>();
};

}  // namespace relay
