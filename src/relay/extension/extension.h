#pragma once
// The extension API: all that an extension may include besides nostr/, mls/, base/ and store's rows and stager.
//
// An extension has two halves. Extension is made once, is immutable and takes part in commits (stage_write). For each
// worker thread it makes a WorkerExtension, which lives on that thread alone and so needs no locks.
// Phases an extension does not name are never called. Within a phase any deny wins, an exception or a timeout is a
// deny, and nothing can allow what another denied. No hook may rewrite or re-sign an event.
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <expected>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "nostr/event.h"
#include "nostr/filter.h"
#include "nostr/viewer.h"
#include "relay/extension/http_api.h"
#include "relay/extension/http_auth.h"
#include "relay/extension/http_visits.h"
#include "relay/extension/measure.h"
#include "relay/extension/observer.h"
#include "relay/extension/operations.h"
#include "relay/extension/store_contact.h"
#include "relay/extension/verdict.h"
#include "store/rows.h"
#include "store/stager.h"

namespace store {
struct CommitBatch;
}

namespace relay {

/// The phases, in the order in which an event or request meets them.
enum class Phase : unsigned {
  on_auth = 1u << 0,
  check_event = 1u << 1,
  authorize_event = 1u << 2,
  stage_write = 1u << 3,
  on_commit = 1u << 4,
  check_req = 1u << 5,
  authorize_req = 1u << 6,
  hand_out = 1u << 7,
  prepare = 1u << 8,
  may_read = 1u << 9,
  check_connection = 1u << 10,  ///< first of all
  check_auth = 1u << 11,        ///< before on_auth
  find = 1u << 12,
  observe = 1u << 13,  ///< has no say
  may_give = 1u << 14,
  check_write = 1u << 15,
};

/// A set of phases: `Phase::check_event | Phase::may_read`.
struct Phases {
  unsigned bits = 0;
  constexpr Phases() = default;
  constexpr Phases(Phase phase) : bits(static_cast<unsigned>(phase)) {}
  [[nodiscard]] constexpr bool has(Phase phase) const {
    return bits & static_cast<unsigned>(phase);
  }
  friend constexpr Phases operator|(Phases a, Phases b) {
    a.bits |= b.bits;
    return a;
  }
};
constexpr Phases operator|(Phase a, Phase b) { return Phases(a) | Phases(b); }

/// A client as such: its connection opens, is looked at again when rules have changed, or sends an AUTH event.
struct ClientContext {
  const nostr::Viewer& viewer;  ///< what it has proved so far
  const base::IpAddress& peer;  ///< the client's address
  base::UnixSeconds now;
  bool opens = false;  ///< the connection is being opened
};

/// An event that arrived, with valid id and signature.
struct EventContext {
  const nostr::Event& event;
  const nostr::Viewer& viewer;
  const base::IpAddress& peer;  ///< the client's address
  base::UnixSeconds now;
  std::size_t
      writes_in_flight;  ///< events of this connection accepted so far and not yet committed
};

/// What somebody wants to change without an event, in the place of one of this kind.
struct WriteContext {
  nostr::Kind kind;
  const nostr::PublicKey& author;
  const nostr::Viewer& viewer;
};

/// A subscription or a count that is asked for.
struct ReqContext {
  std::span<const nostr::Filter> filters;
  const nostr::Viewer& viewer;
  base::UnixSeconds now;
  const base::IpAddress& peer;  ///< the client's address
};

/// What a search (NIP-50) found. Not yet events: the relay reads them as it reads all events, asks the filter's other
/// fields and may_read(), and cuts at the limit then.
struct Found {
  std::vector<nostr::EventId> ids;  ///< best match first, each once
  bool complete;                    ///< false: more may match than this search looked at
};

/// What the relay lends to those who answer HTTP, on their worker; outlives the routes.
struct HttpServices {
  HttpAuth& auth;
  HttpVisits& visits;
};

/// The per-worker half. Every function is called on its worker's thread.
class WorkerExtension {
 public:
  virtual ~WorkerExtension() = default;

  /// HTTP calls that this extension answers, on this worker; asked once, after start().
  [[nodiscard]] virtual std::vector<HttpRoute> routes(const HttpServices& services);

  /// Loads what it must know, before the worker serves anyone; and again, in place of all it knew,
  /// when it is not known what other instances committed: connections are closed by then, but what
  /// they are balanced by (on_leave()) is still to come. No on_commit() meanwhile. False: the relay
  /// does not start, or asks again soon.
  [[nodiscard]] virtual boost::asio::awaitable<bool> start();

  /// The worker serves nobody any more: ends what would keep its loop busy, such as timers.
  virtual void stop();

  /// The shared half has a new configuration (base::Published): take it over. Memory only.
  virtual void on_reload();

  /// May this connection be, or go on after a reload or recheck_connections()? "": yes; else why not, with its prefix: static text of at most 123
  /// bytes, with which it is closed (1008). Memory only.
  [[nodiscard]] virtual std::string_view check_connection(const ClientContext& context);

  /// An AUTH event came; nothing of it has been looked at yet. Memory only.
  [[nodiscard]] virtual Verdict check_auth(const ClientContext& context);
  /// A connection proved `key`; it becomes part of its viewer only after this passed. Balanced by on_leave().
  [[nodiscard]] virtual boost::asio::awaitable<Verdict> on_auth(const nostr::PublicKey& key);
  /// A connection that had proved `key` is gone.
  virtual void on_leave(const nostr::PublicKey& key);

  /// Memory only, no waiting.
  [[nodiscard]] virtual Verdict check_event(const EventContext& context);
  /// check_event() as far as key and kind go, asked where no event brings a change. Memory only.
  [[nodiscard]] virtual Verdict check_write(const WriteContext& context);

  /// Has authorize_event() anything to decide about this event? Memory only; the others skip the wait.
  [[nodiscard]] virtual bool authorizes(const nostr::Event& event) const;
  /// May wait for the store or a sidecar, within the deadline that the relay sets. What `context` refers to stays
  /// alive meanwhile.
  [[nodiscard]] virtual boost::asio::awaitable<Verdict> authorize_event(EventContext context);

  /// Memory only, no waiting.
  [[nodiscard]] virtual Verdict check_req(const ReqContext& context);
  [[nodiscard]] virtual boost::asio::awaitable<Verdict> authorize_req(ReqContext context);

  /// Events that this subscription, and nobody else, is given besides what may_read() shows: set aside in a commit of
  /// their own. The error is a reason with its prefix, for CLOSED.
  [[nodiscard]] virtual boost::asio::awaitable<
      std::expected<std::vector<store::StoredEvent>, std::string>>
  hand_out(ReqContext context);

  /// May what `owner` offered for that be handed out? Asked before it is taken, and again before it is given. Memory only.
  [[nodiscard]] virtual bool may_give(const nostr::PublicKey& owner) const;

  /// A commit that changed rows, in commit order: on every worker before any client learns of that commit.
  virtual void on_commit(const store::CommitBatch& batch);

  /// Would may_read() say no only because prepare() has not fetched what it needs? Memory only.
  [[nodiscard]] virtual bool undecided(const store::StoredEvent& event,
                                       const nostr::Viewer& viewer) const;
  /// Fetches what may_read() needs for these, where that is not known in advance. Best effort, within the deadline.
  [[nodiscard]] virtual boost::asio::awaitable<void> prepare(std::vector<store::StoredEvent> events,
                                                             nostr::ViewerPtr viewer);

  /// THE read decision: may this viewer have this event through this filter? Pure, memory only, asked at delivery time
  /// for every event on every road, before `limit`.
  [[nodiscard]] virtual bool may_read(const store::StoredEvent& event, const nostr::Viewer& viewer,
                                      const nostr::Filter& filter) const;

  /// May the commit that on_commit() heard of last have made may_read() say no where it said yes to `viewer` through
  /// `filter`? What was kept of that is then given up (NIP-77). Memory only; yes, unless an extension knows better.
  [[nodiscard]] virtual bool narrows(const nostr::Viewer& viewer,
                                     const nostr::Filter& filter) const;
  /// The stored events that this filter's `search` is about. May wait for the store; what it looks at is bounded.
  /// REQUIRES: filter.searches().
  [[nodiscard]] virtual boost::asio::awaitable<std::expected<Found, store::StoreError>> find(
      const nostr::Filter& filter);

  /// Who watches on this worker for Phase::observe, as long as it lives; asked once. nullptr: nobody.
  [[nodiscard]] virtual Observer* observer() { return nullptr; }
};

/// What the relay lends to a WorkerExtension; outlives it.
struct WorkerServices {
  store::RowReader& rows;
  Operations& operations;
  boost::asio::any_io_executor executor;  ///< the worker's own
  /// From on_commit() only: when all extensions know of that commit, and before any client does, check_connection() is
  /// asked of every open connection, as after a reload.
  std::function<void()> recheck_connections = [] {};
  /// What all extensions say (WorkerExtension::may_give()).
  std::function<bool(const nostr::PublicKey& owner)> may_give = [](const auto&) { return false; };
  /// When the store was last heard from, if other instances write to it as well; else null, and
  /// on_commit() misses nothing.
  std::shared_ptr<const StoreContact> contact = nullptr;
};

/// The shared half: immutable after construction, thread-safe.
class Extension : public store::Stager {
 public:
  /// Also the prefix of its rows: "<name>/".
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual Phases phases() const = 0;
  /// NIPs that are true because this extension is on.
  [[nodiscard]] virtual std::vector<int> nips() const { return {}; }
  /// Does it take events from some people, or of some kinds, only? (NIP-11 `restricted_writes`)
  [[nodiscard]] virtual bool restricts_writes() const { return false; }
  /// REQUIRES: called on the worker's own thread or before it starts.
  [[nodiscard]] virtual std::unique_ptr<WorkerExtension> attach(WorkerServices services) const = 0;

  /// Phase::observe: each commit, once, before any client learns of it. On the writer's thread; memory only.
  virtual void on_committed(const Committed&) const {}
  /// Figures of its own for metrics. On any thread; may look through its rows, in slices.
  [[nodiscard]] virtual boost::asio::awaitable<Measures> measure(store::RowReader& rows) const;

  // Phase::stage_write, see store::Stager.
  void reads(const store::Write&, store::Reads&) const override {}
  [[nodiscard]] std::expected<store::Staged, store::Refusal> stage(
      const store::Write&, const store::RowView&) const override {
    return store::Staged{};
  }
  void erase_reads(const store::StoredEvent&, store::Reads&) const override {}
  [[nodiscard]] std::vector<store::RowChange> stage_erase(const store::StoredEvent&,
                                                          const store::RowView&) const override {
    return {};
  }
};

}  // namespace relay
