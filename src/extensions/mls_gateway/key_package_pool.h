#pragma once
// The pool of live key packages (443, 30443): unique references, a bounded number per owner, lifetimes. Pure; all state
// is in rows.
#include "extensions/mls_gateway/decision.h"

namespace extensions::mls_gateway {

[[nodiscard]] bool is_key_package(const nostr::Event& event);

/// Rows that the functions below look at.
[[nodiscard]] std::vector<std::string> pool_rows(const nostr::Event& event);

/// It joins the pool.
[[nodiscard]] std::expected<store::Staged, store::Refusal> pool_package(
    const Config& config, const Publication& publication, const store::RowView& rows);

/// It leaves the store and the pool. Of one that was consumed the reference stays known until its expiry.
[[nodiscard]] std::vector<store::RowChange> unpool_package(const store::StoredEvent& erased,
                                                           const store::RowView& rows);

}  // namespace extensions::mls_gateway
