#pragma once
// The pool of live key packages: unique references, a bounded number per owner, lifetimes. Pure; all state is in rows.
#include "extensions/mls_gateway/decision.h"

namespace extensions::mls_gateway {

/// Rows that the functions below look at.
[[nodiscard]] std::vector<std::string> pool_rows(const nostr::Event& event);

/// A 443 joins the pool.
[[nodiscard]] std::expected<store::Staged, store::Refusal> pool_package(
    const Config& config, const Publication& publication, const store::RowView& rows);

/// A 443 leaves the store and the pool.
[[nodiscard]] std::vector<store::RowChange> unpool_package(const store::StoredEvent& erased,
                                                           const store::RowView& rows);

}  // namespace extensions::mls_gateway
