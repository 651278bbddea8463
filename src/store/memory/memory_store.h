#pragma once
#include <functional>
#include <map>
#include <set>
#include <shared_mutex>
#include <unordered_map>
#include <utility>

#include "store/ledger.h"
#include "store/query_order.h"
#include "store/store.h"

namespace store {

/// Keeps everything in sorted containers and answers queries by looking at every event: slow and
/// plainly right. The oracle for the other stores, and the store of tests. Nothing survives the
/// process.
///
/// Thread-safety: as Store says; one lock, held during a call.
class MemoryStore final : public Store {
 public:
  [[nodiscard]] boost::asio::awaitable<std::expected<AppendResult, StoreError>> append(
      std::span<const Write> writes, const Stager& stager) override;
  [[nodiscard]] boost::asio::awaitable<std::expected<Page, StoreError>> query(
      PageRequest request) override;
  [[nodiscard]] boost::asio::awaitable<std::expected<Purged, StoreError>> purge_expired(
      base::UnixSeconds now, std::size_t max, const Stager& stager) override;
  [[nodiscard]] boost::asio::awaitable<
      std::expected<std::vector<std::optional<std::string>>, StoreError>>
  get_rows(std::vector<std::string> keys) override;
  [[nodiscard]] boost::asio::awaitable<std::expected<RowPage, StoreError>> scan_rows(
      std::string prefix, std::optional<std::string> after, std::size_t max) override;

 private:
  class MemoryLedger final : public Ledger {
   public:
    [[nodiscard]] std::optional<std::string_view> row(std::string_view key) override;
    void change_row(const RowChange& change) override;
    [[nodiscard]] bool contains(const nostr::EventId& id) override { return places.contains(id); }
    [[nodiscard]] std::optional<StoredEvent> find(const nostr::EventId& id) override;
    [[nodiscard]] std::optional<Position> occupant(const nostr::Address& address) override;
    void insert(const StoredEvent& stored) override;
    void erase(const StoredEvent& stored) override;
    [[nodiscard]] std::vector<StoredEvent> expired_by(base::UnixSeconds now,
                                                      std::size_t max) override;
    [[nodiscard]] bool is_buried(const nostr::EventId& id, const nostr::PublicKey& signer) override;
    void bury(const nostr::EventId& id, const nostr::PublicKey& signer) override;
    [[nodiscard]] std::optional<base::UnixSeconds> buried_until(
        const nostr::Address& address) override;
    void bury_until(const nostr::Address& address, base::UnixSeconds until) override;

    std::map<Position, StoredEvent, QueryOrder> events;
    std::unordered_map<nostr::EventId, Position> places;
    std::map<nostr::Address, Position> occupants;
    std::set<std::pair<nostr::EventId, nostr::PublicKey>> buried_ids;
    std::map<nostr::Address, base::UnixSeconds> buried_addresses;
    std::map<std::string, std::string, std::less<>> rows;
  };

  [[nodiscard]] Page scan(const PageRequest& request) const;

  mutable std::shared_mutex mutex_;
  MemoryLedger ledger_;  // guarded by mutex_
  Seq last_ = 0;         // guarded by mutex_
};

}  // namespace store
