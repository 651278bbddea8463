#pragma once
#include "nostr/retention.h"
#include "store/removal.h"

namespace store {

/// One walk over a store that removes what rules no longer keep, in steps, so that other commits go in
/// between. Costs a look at what is older than each rule's age and covered by an earlier rule. Used by
/// one thread.
class RetentionSweep {
 public:
  explicit RetentionSweep(nostr::Retention rules) : rules_(std::move(rules)) { skip(); }

  [[nodiscard]] bool done() const { return rule_ == rules_.rules().size(); }
  /// Removes at most `max` events. REQUIRES: not done(). After an error the walk goes on from where it
  /// was.
  [[nodiscard]] boost::asio::awaitable<std::expected<Removed, StoreError>> step(
      Store& store, base::UnixSeconds now, std::size_t max, const Stager& stager);

 private:
  /// To the next rule that ends something.
  void skip();

  const nostr::Retention rules_;
  std::size_t rule_ = 0;
  std::optional<Position> after_;
};

}  // namespace store
