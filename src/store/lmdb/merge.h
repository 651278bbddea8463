#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "nostr/filter.h"
#include "store/lmdb/txn.h"
#include "store/plan.h"
#include "store/store.h"

namespace store::lmdb {

/// One event on the way of a query.
struct Entry {
  std::string_view place;  ///< a view into the map
  Seq seq = 0;
};

/// Walks the ranges of a plan as one, in query order or backwards, each event once. Outlived by its
/// transaction.
class Merge {
 public:
  /// Begins behind the request's `after`, keeps to its filter's `since` and `until`.
  Merge(Txn& txn, const Databases& databases, const Plan& plan, const PageRequest& request);

  [[nodiscard]] std::optional<Entry> next();
  /// Nothing is left for next().
  [[nodiscard]] bool done() const { return heads_.empty(); }

 private:
  /// The next entry of one range.
  struct Head {
    std::string_view place;
    std::size_t range;
  };

  [[nodiscard]] auto behind() const {
    return [backwards = backwards_](const Head& a, const Head& b) {
      return backwards ? a.place < b.place : a.place > b.place;
    };
  }
  [[nodiscard]] bool seek(Cursor& cursor, const Key& prefix, std::optional<Position> after) const;
  void push(std::size_t range, bool found);
  void advance();

  Txn& txn_;
  const Plan& plan_;
  const bool backwards_;
  Key begin_;                    // the first place that is not too new; empty without `until`
  Key end_;                      // the first place that is too old; empty without `since`
  std::vector<Cursor> cursors_;  // one for each range of the plan
  std::vector<Head> heads_;      // a heap by behind(): the front is the next in query order
};

}  // namespace store::lmdb
