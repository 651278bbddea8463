#pragma once
#include <condition_variable>
#include <expected>
#include <memory>
#include <mutex>
#include <vector>

#include "nostr/client_message.h"
#include "store/lmdb/env.h"
#include "store/sha256.h"

namespace store::lmdb {

/// Short read transactions, each with what its reader needs, kept for the next one: taking one
/// costs a mutex and a renewal. Also the gate for growing the map, which must not move under a
/// reader.
///
/// Thread-safe. As many readers exist as were ever active at once: one for each reading thread.
class ReaderPool {
  struct Reader {
    TxnHandle txn;
    nostr::MessageParser parser;
    Sha256 sha256;
  };

 public:
  /// One read transaction: a snapshot of the newest commit. Used by one thread, for the length of a
  /// call.
  class Lease {
   public:
    Lease(ReaderPool& pool, std::unique_ptr<Reader> reader)
        : pool_(&pool), reader_(std::move(reader)), txn_(reader_->txn.get()) {}
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (reader_) pool_->give_back(std::move(reader_));
    }

    [[nodiscard]] Txn& txn() { return txn_; }
    [[nodiscard]] nostr::MessageParser& parser() { return reader_->parser; }
    [[nodiscard]] Sha256& sha256() { return reader_->sha256; }

   private:
    ReaderPool* pool_;
    std::unique_ptr<Reader> reader_;
    Txn txn_;
  };

  /// `env` outlives the pool.
  explicit ReaderPool(Env& env) : env_(env) {}

  /// Waits while the map grows.
  [[nodiscard]] std::expected<Lease, StoreError> acquire();
  /// Grows the map when no reader is active; new ones wait meanwhile. REQUIRES: no write
  /// transaction is open.
  [[nodiscard]] std::expected<void, StoreError> grow_map() { return resize(&Env::grow); }

 private:
  /// Changes the map when no reader is active.
  [[nodiscard]] std::expected<void, StoreError> resize(
      std::expected<void, StoreError> (Env::*change)());
  [[nodiscard]] std::unique_ptr<Reader> enter();
  void leave();
  void give_back(std::unique_ptr<Reader> reader);
  [[nodiscard]] int start(std::unique_ptr<Reader>& reader);

  Env& env_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Reader>> idle_;  // guarded by mutex_; their transactions are reset
  std::size_t active_ = 0;                     // guarded by mutex_
  bool growing_ = false;                       // guarded by mutex_
};

}  // namespace store::lmdb
