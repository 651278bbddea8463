#pragma once
#include "nostr/client_message.h"
#include "store/ledger.h"
#include "store/lmdb/sha256.h"
#include "store/lmdb/txn.h"

namespace store::lmdb {

/// A write transaction in the words of the rules. Errors stay with the transaction (Txn::status).
class LmdbLedger final : public Ledger {
 public:
  /// All outlive the ledger.
  LmdbLedger(Txn& txn, const Databases& databases, nostr::MessageParser& parser, Sha256& sha256)
      : txn_(txn), databases_(databases), parser_(parser), sha256_(sha256) {}

  [[nodiscard]] std::optional<std::string_view> row(std::string_view key) override;
  void change_row(const RowChange& change) override;
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

 private:
  [[nodiscard]] std::optional<StoredEvent> load(Seq seq);

  Txn& txn_;
  const Databases& databases_;
  nostr::MessageParser& parser_;
  Sha256& sha256_;
};

}  // namespace store::lmdb
