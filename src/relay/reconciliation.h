#pragma once
// Open reconciliations (NIP-77): what a viewer may read of one filter, kept as times and ids while a client compares it with
// what it has.
//
// What was kept was decided when it was read, and each answer may name ids of it. So nothing is kept for longer than the
// decision holds: a commit that may have taken from the viewer what its filter reaches (WorkerExtension::narrows: a removal
// from a group, a group that is gated now) ends it before anyone is told of that commit; so does a new
// configuration all of them, and `neg_max_age_s` every one, however busy (a sidecar's changes of mind come without a
// commit). What a new key opens is not in those that are open already. Events that are deleted or expire meanwhile may
// still be named, by id alone.
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "nostr/filter.h"
#include "nostr/negentropy.h"

namespace relay {

class Admission;
class Connection;

/// One NEG-OPEN. Confined to its worker's thread; owned by its connection, shared with the coroutine that reads for it and
/// with its worker's list.
struct Reconciliation {
  using Clock = std::chrono::steady_clock;

  Connection& connection;
  std::string id;
  std::vector<nostr::Filter> filters;  ///< exactly one
  nostr::negentropy::Items items{};

  bool open = true;      ///< false once ended: nothing more may be sent for it
  std::size_t kept = 0;  ///< items that it is charged with
  Clock::time_point opened = Clock::now();
  std::optional<Clock::time_point> answered{};  ///< nullopt while it is read
};

using ReconciliationPtr = std::shared_ptr<Reconciliation>;

/// All that are open on one worker: their bounds, and what ends them besides their client. Confined to its worker's thread.
class Reconciliations {
 public:
  /// `limits` outlives it.
  Reconciliations(boost::asio::io_context& context, const base::Limits& limits);

  void add(ReconciliationPtr reconciliation);
  void remove(const Reconciliation& reconciliation);

  /// Charges it with `items` instead of what it had; false when the worker keeps too many by then.
  [[nodiscard]] bool keep(Reconciliation& reconciliation, std::size_t items);

  /// After the extensions heard of a commit that changed rows, and before any client does.
  void on_commit(const Admission& admission);
  /// `reason`: for NEG-ERR.
  void end_all(std::string_view reason);

 private:
  template <typename Reason>
  void end_where(Reason reason_of);
  void sweep();
  void sweep_later();

  const base::Limits& limits_;
  boost::asio::steady_timer timer_;
  std::vector<ReconciliationPtr> open_;
  std::size_t items_ = 0;
};

}  // namespace relay
