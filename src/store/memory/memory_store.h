#pragma once
#include <functional>
#include <map>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "store/ledger.h"
#include "store/query_order.h"
#include "store/sha256.h"
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
  [[nodiscard]] boost::asio::awaitable<std::expected<StoreInfo, StoreError>> info() override;
  [[nodiscard]] boost::asio::awaitable<std::expected<PerformedAll, StoreError>> perform_all(
      std::span<const Operation* const> operations, base::UnixSeconds now,
      const Stager& stager) override;
  [[nodiscard]] boost::asio::awaitable<std::expected<Purged, StoreError>> purge_expired(
      base::UnixSeconds now, std::size_t max, const Stager& stager) override;
  [[nodiscard]] boost::asio::awaitable<
      std::expected<std::vector<std::optional<std::string>>, StoreError>>
  get_rows(std::vector<std::string> keys) override;
  [[nodiscard]] boost::asio::awaitable<std::expected<RowPage, StoreError>> scan_rows(
      std::string prefix, std::optional<std::string> after, std::size_t max) override;
  [[nodiscard]] boost::asio::awaitable<std::expected<Parcel, StoreError>> dump(
      std::optional<std::string> after, std::size_t max_bytes) override;
  [[nodiscard]] boost::asio::awaitable<std::expected<void, StoreError>> load(
      const Parcel& parcel) override;

 private:
  struct RowEntry {
    std::string value;
    std::optional<base::UnixSeconds> expires_at;
  };

  class MemoryLedger final : public Ledger {
   public:
    [[nodiscard]] std::optional<std::string_view> row(std::string_view key) override;
    [[nodiscard]] std::vector<Row> rows_below(std::string_view prefix) override;
    void change_row(const RowChange& change) override;
    [[nodiscard]] std::vector<std::string> rows_expired_by(base::UnixSeconds now,
                                                           std::size_t max) override;
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
    [[nodiscard]] std::optional<base::UnixSeconds> vanished_until(
        const nostr::PublicKey& author) override;
    void vanish_until(const nostr::PublicKey& author, base::UnixSeconds until) override;
    [[nodiscard]] std::optional<Vanish> vanishing(const nostr::PublicKey& author) override;
    [[nodiscard]] std::optional<Vanish> next_vanishing() override;
    void begin_vanishing(const Vanish& vanish) override;
    void end_vanishing(const nostr::PublicKey& author) override { unfinished.erase(author); }
    [[nodiscard]] std::vector<StoredEvent> left_of(const Vanish& vanish, std::size_t max) override;

    [[nodiscard]] bool hides(const StoredEvent& stored) const;
    [[nodiscard]] std::optional<base::UnixSeconds> tombstone(Tombstone::Kind kind,
                                                             std::string_view key) const;
    void pack(Parcel& parcel, std::size_t skipped, std::size_t max_bytes) const;
    void unpack(const Parcel& parcel);

    std::map<Position, StoredEvent, QueryOrder> events;
    std::unordered_map<nostr::EventId, Position> places;
    std::map<nostr::Address, Position> occupants;
    std::map<std::pair<Tombstone::Kind, std::string>, base::UnixSeconds> tombstones;
    std::map<nostr::PublicKey, Vanish> unfinished;  // requests to vanish
    std::map<std::string, RowEntry, std::less<>> rows;
    Sha256 sha256;
  };

  template <typename Events>
  [[nodiscard]] Page scan(const Events& events, const PageRequest& request) const;

  mutable std::shared_mutex mutex_;
  MemoryLedger ledger_;      // guarded by mutex_
  Seq last_ = 0;             // guarded by mutex_
  bool unfinished_ = false;  // parcels went in, and not yet all; guarded by mutex_
};

}  // namespace store
