#pragma once
#include "nostr/client_message.h"
#include "store/ledger.h"
#include "store/lmdb/txn.h"
#include "store/sha256.h"

namespace store::lmdb {

/// A write transaction in the words of the rules. Errors stay with the transaction (Txn::status).
class LmdbLedger final : public Ledger {
 public:
  /// All outlive the ledger.
  LmdbLedger(Txn& txn, const Databases& databases, nostr::MessageParser& parser, Sha256& sha256)
      : txn_(txn), databases_(databases), parser_(parser), sha256_(sha256) {}

  [[nodiscard]] std::optional<std::string_view> row(std::string_view key) override;
  [[nodiscard]] std::vector<Row> rows_below(std::string_view prefix) override;
  void change_row(const RowChange& change) override;
  [[nodiscard]] std::vector<std::string> rows_expired_by(base::UnixSeconds now,
                                                         std::size_t max) override;
  [[nodiscard]] bool contains(const nostr::EventId& id) override;
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
  void end_vanishing(const nostr::PublicKey& author) override;
  [[nodiscard]] std::vector<StoredEvent> left_of(const Vanish& vanish, std::size_t max) override;

  /// Puts in what a parcel brings; the number of its commit, or why it may not come.
  [[nodiscard]] std::expected<Seq, StoreError> unpack(const Parcel& parcel, Seq last);

 private:
  [[nodiscard]] std::optional<StoredEvent> load(Seq seq);

  Txn& txn_;
  const Databases& databases_;
  nostr::MessageParser& parser_;
  Sha256& sha256_;
};

}  // namespace store::lmdb
