#include "store/lmdb/reader_pool.h"

#include "store/lmdb/errors.h"
#include "store/lmdb/record.h"
#include "store/stored_json.h"

namespace store::lmdb {

std::expected<ReaderPool::Lease, StoreError> ReaderPool::acquire() {
  for (;;) {
    auto reader = enter();
    const int rc = start(reader);
    if (rc == 0) return Lease(*this, std::move(reader));
    reader.reset();
    leave();
    if (rc != MDB_MAP_RESIZED) return std::unexpected(error_of(rc, env_.folder()));
    // Beside a relay that runs, its map may outgrow ours.
    if (auto followed = resize(&Env::follow); !followed) return std::unexpected(followed.error());
  }
}

/// From here to leave() the map stays where it is. nullptr: none is idle, make one.
std::unique_ptr<ReaderPool::Reader> ReaderPool::enter() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !growing_; });
  ++active_;
  if (idle_.empty()) return nullptr;
  auto reader = std::move(idle_.back());
  idle_.pop_back();
  return reader;
}

int ReaderPool::start(std::unique_ptr<Reader>& reader) {
  if (reader) return mdb_txn_renew(reader->txn.get());
  auto txn = env_.begin_read();
  if (!txn) return txn.error();
  reader.reset(new Reader{*std::move(txn), nostr::MessageParser(limits_of_stored_events()), {}});
  return 0;
}

void ReaderPool::leave() {
  std::lock_guard lock(mutex_);
  if (--active_ == 0 && growing_) changed_.notify_all();
}

void ReaderPool::give_back(std::unique_ptr<Reader> reader) {
  mdb_txn_reset(reader->txn.get());
  std::lock_guard lock(mutex_);
  idle_.push_back(std::move(reader));
  if (--active_ == 0 && growing_) changed_.notify_all();
}

std::expected<void, StoreError> ReaderPool::resize(
    std::expected<void, StoreError> (Env::*change)()) {
  std::unique_lock lock(mutex_);
  growing_ = true;
  changed_.wait(lock, [this] { return active_ == 0; });
  auto changed = (env_.*change)();
  growing_ = false;
  changed_.notify_all();
  return changed;
}

}  // namespace store::lmdb
