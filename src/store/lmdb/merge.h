#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "nostr/filter.h"
#include "store/lmdb/plan.h"
#include "store/lmdb/txn.h"

namespace store::lmdb {

/// One event on the way of a query.
struct Entry {
  std::string_view place;  ///< a view into the map
  Seq seq = 0;
};

/// Walks the ranges of a plan as one, in query order, each event once. Outlived by its transaction.
class Merge {
 public:
  /// Begins behind `after`, keeps to the filter's `since` and `until`.
  Merge(Txn& txn, const Databases& databases, const Plan& plan, const nostr::Filter& filter,
        const std::optional<Position>& after);

  [[nodiscard]] std::optional<Entry> next();
  /// Nothing is left for next().
  [[nodiscard]] bool done() const { return heads_.empty(); }

 private:
  /// The next entry of one range.
  struct Head {
    std::string_view place;
    std::size_t range;
  };

  static bool behind(const Head& a, const Head& b) { return a.place > b.place; }
  void open(const Key& prefix, std::size_t range, std::string_view start, bool strictly);
  void push(std::size_t range, bool found);
  void advance();

  Txn& txn_;
  const Plan& plan_;
  Key end_;                      // the first place that is too old; empty without `since`
  std::vector<Cursor> cursors_;  // one for each range of the plan
  std::vector<Head> heads_;      // a heap by behind(): the front is the next in query order
};

}  // namespace store::lmdb
