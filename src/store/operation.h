#pragma once
#include <expected>
#include <memory>
#include <vector>

#include "store/stager.h"

namespace store {

/// A change that no event brings: a key package is handed out, an operator removes a member. Decided inside a commit of
/// its own, against the rows as that commit sees them, so that of two racing ones the second sees what the first did.
/// Pure, const, thread-safe; may be run again when the commit is retried.
class Operation {
 public:
  /// An event that the caller is given, as it is stored.
  struct Pick {
    nostr::EventId id;
    bool
        take;  ///< it leaves the store in this commit (stage_erase), so that nobody is ever given it again
  };
  struct Effects {
    std::vector<RowChange> changes{};
    std::vector<Pick> picks{};
  };

  virtual ~Operation() = default;
  virtual void reads(Reads& reads) const = 0;
  [[nodiscard]] virtual std::expected<Effects, Refusal> run(const RowView& rows,
                                                            base::UnixSeconds now) const = 0;
};

using OperationPtr = std::shared_ptr<const Operation>;

}  // namespace store
