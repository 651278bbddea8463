#pragma once
#include <lmdb.h>

#include <expected>
#include <filesystem>
#include <memory>

#include "store/lmdb/folder_lock.h"
#include "store/lmdb/txn.h"
#include "store/store.h"

namespace store::lmdb {

struct TxnAbort {
  void operator()(MDB_txn* txn) const { mdb_txn_abort(txn); }
};
using TxnHandle = std::unique_ptr<MDB_txn, TxnAbort>;

/// A transaction that writes; at most one at a time. Aborted unless committed.
class WriteTxn : public Txn {
 public:
  explicit WriteTxn(TxnHandle handle) : Txn(handle.get()), handle_(std::move(handle)) {}
  /// 0 or a code. REQUIRES: status() == 0. The transaction is over either way.
  [[nodiscard]] int commit() { return mdb_txn_commit(handle_.release()); }
  void abort() { handle_.reset(); }

 private:
  TxnHandle handle_;
};

/// An open database folder, written by no other process.
class Env {
 public:
  /// Makes the folder and the databases if they are missing.
  [[nodiscard]] static std::expected<Env, StoreError> open(const std::filesystem::path& folder,
                                                           std::size_t map_bytes);
  /// To read only, beside a process that writes. `lock` keeps the files in their place.
  [[nodiscard]] static std::expected<Env, StoreError> open_to_read(
      const std::filesystem::path& folder, FolderLock lock);

  [[nodiscard]] const Databases& databases() const { return databases_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

  [[nodiscard]] std::expected<WriteTxn, StoreError> begin_write();
  /// The error is a code.
  [[nodiscard]] std::expected<TxnHandle, int> begin_read();
  /// Doubles the map. REQUIRES: no transaction is active, of any thread.
  [[nodiscard]] std::expected<void, StoreError> grow();
  /// Takes over the size that another process gave the map (MDB_MAP_RESIZED). REQUIRES: as grow().
  [[nodiscard]] std::expected<void, StoreError> follow();

  /// Frees what processes that were killed while reading still hold on to.
  void forget_dead_readers() {
    int dead = 0;
    mdb_reader_check(env_.get(), &dead);
  }
  /// Writes a compacted copy into `folder`, which is there and empty, while others write. It is on disk
  /// on return.
  [[nodiscard]] std::expected<void, StoreError> copy_to(const std::filesystem::path& folder);
  [[nodiscard]] StoreInfo info(Txn& txn) const;

 private:
  struct Close {
    void operator()(MDB_env* env) const { mdb_env_close(env); }
  };
  using Handle = std::unique_ptr<MDB_env, Close>;

  Env(FolderLock lock, Handle env, std::filesystem::path folder)
      : lock_(std::move(lock)), env_(std::move(env)), folder_(std::move(folder)) {}

  [[nodiscard]] static std::expected<Env, StoreError> start(const std::filesystem::path& folder,
                                                            FolderLock lock, std::size_t map_bytes,
                                                            unsigned flags);
  [[nodiscard]] std::expected<void, StoreError> check_size() const;
  [[nodiscard]] std::expected<void, StoreError> open_databases();
  [[nodiscard]] std::expected<void, StoreError> find_databases();

  FolderLock lock_;  // released last
  Handle env_;
  std::filesystem::path folder_;
  Databases databases_{};
};

}  // namespace store::lmdb
