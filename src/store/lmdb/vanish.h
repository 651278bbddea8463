#pragma once
#include <optional>
#include <vector>

#include "store/lmdb/txn.h"
#include "store/vanish.h"

// Requests to vanish (NIP-62) that are still being carried out, in `vanishing`. Errors stay with the
// transaction.
namespace store::lmdb {

/// One entry of `vanishing`.
[[nodiscard]] std::optional<Vanish> read_vanish(Txn& txn, std::string_view author,
                                                std::string_view value);
[[nodiscard]] bool any_vanishing(Txn& txn, const Databases& databases);
[[nodiscard]] std::optional<Vanish> vanishing(Txn& txn, const Databases& databases,
                                              const nostr::PublicKey& author);
[[nodiscard]] std::optional<Vanish> next_vanishing(Txn& txn, const Databases& databases);
void put_vanishing(Txn& txn, const Databases& databases, const Vanish& vanish);

/// The numbers of what `vanish` covers, as Ledger::left_of() says.
[[nodiscard]] std::vector<Seq> left_of(Txn& txn, const Databases& databases, const Vanish& vanish,
                                       std::size_t max);

}  // namespace store::lmdb
