#include "store/lmdb/lmdb_store.h"

#include "store/lmdb/errors.h"
#include "store/lmdb/ledger.h"
#include "store/lmdb/parcels.h"
#include "store/lmdb/query.h"
#include "store/lmdb/record.h"
#include "store/lmdb/rows.h"
#include "store/rules.h"
#include "store/stored_json.h"

namespace store {

using boost::asio::awaitable;
using Values = std::vector<std::optional<std::string>>;

std::expected<std::unique_ptr<LmdbStore>, StoreError> LmdbStore::open(const LmdbOptions& options) {
  auto env = lmdb::Env::open(options.path, options.map_bytes);
  if (!env) return std::unexpected(std::move(env.error()));
  return std::unique_ptr<LmdbStore>(new LmdbStore(*std::move(env)));
}

std::expected<std::unique_ptr<LmdbStore>, StoreError> LmdbStore::open_to_read(
    const std::filesystem::path& path) {
  auto lock = lmdb::FolderLock::share(path);
  if (!lock) return std::unexpected(std::move(lock.error()));
  auto env = lmdb::Env::open_to_read(path, *std::move(lock));
  if (!env) return std::unexpected(std::move(env.error()));
  return std::unique_ptr<LmdbStore>(new LmdbStore(*std::move(env)));
}

LmdbStore::LmdbStore(lmdb::Env env)
    : env_(std::move(env)), readers_(env_), parser_(limits_of_stored_events()) {}

/// After a commit that failed. LMDB takes no more transactions once it could not write, or write
/// back, the page that makes a commit count; so if it takes one and shows the old state, nothing
/// happened.
bool LmdbStore::is_still_at(Seq last) {
  auto txn = env_.begin_write();
  return txn && lmdb::last_seq(*txn, env_.databases()) == last && txn->status() == 0;
}

/// Runs work(ledger, last) -> Result in one write transaction, again from the start whenever the
/// map is full.
template <typename Result, typename Work>
std::expected<Result, StoreError> LmdbStore::commit(const Work& work) {
  for (;;) {
    auto txn = env_.begin_write();
    if (!txn) return std::unexpected(std::move(txn.error()));
    const Seq last = lmdb::last_seq(*txn, env_.databases());
    lmdb::LmdbLedger ledger(*txn, env_.databases(), parser_, sha256_);
    Result result = work(ledger, last);
    const bool changed = result.batch->last != last;
    if (changed) lmdb::set_last_seq(*txn, env_.databases(), result.batch->last);

    int rc = txn->status();
    if (rc == 0 && !changed) return result;
    if (rc == 0) {
      rc = txn->commit();
      if (rc == 0) return result;
      if (!is_still_at(last)) return std::unexpected(lmdb::unknown_outcome(rc, env_.folder()));
    }
    txn->abort();
    if (rc != MDB_MAP_FULL) return std::unexpected(lmdb::error_of(rc, env_.folder()));
    if (auto grown = readers_.grow_map(); !grown) return std::unexpected(std::move(grown.error()));
  }
}

/// Runs work(lease) -> Result on a snapshot.
template <typename Result, typename Work>
std::expected<Result, StoreError> LmdbStore::read(const Work& work) {
  auto lease = readers_.acquire();
  if (!lease) return std::unexpected(std::move(lease.error()));
  Result result = work(*lease);
  if (const int rc = lease->txn().status()) {
    return std::unexpected(lmdb::error_of(rc, env_.folder()));
  }
  return result;
}

awaitable<std::expected<AppendResult, StoreError>> LmdbStore::append(std::span<const Write> writes,
                                                                     const Stager& stager) {
  const auto work = [&](Ledger& ledger, Seq last) {
    return append_writes(ledger, last, writes, stager);
  };
  co_return commit<AppendResult>(work);
}

awaitable<std::expected<Store::PerformedAll, StoreError>> LmdbStore::perform_all(
    std::span<const Operation* const> operations, base::UnixSeconds now, const Stager& stager) {
  const auto work = [&](Ledger& ledger, Seq last) {
    return run_operations(ledger, last, operations, now, stager);
  };
  co_return commit<PerformedAll>(work);
}

awaitable<std::expected<Store::Purged, StoreError>> LmdbStore::purge_expired(base::UnixSeconds now,
                                                                             std::size_t max,
                                                                             const Stager& stager) {
  env_.forget_dead_readers();
  const auto work = [&](Ledger& ledger, Seq last) { return purge(ledger, last, now, max, stager); };
  co_return commit<Purged>(work);
}

awaitable<std::expected<Page, StoreError>> LmdbStore::query(PageRequest request) {
  const auto work = [&](lmdb::ReaderPool::Lease& lease) {
    return lmdb::run_query(lease, env_.databases(), request);
  };
  co_return read<Page>(work);
}

awaitable<std::expected<StoreInfo, StoreError>> LmdbStore::info() {
  const auto work = [&](lmdb::ReaderPool::Lease& lease) { return env_.info(lease.txn()); };
  co_return read<StoreInfo>(work);
}

awaitable<std::expected<Values, StoreError>> LmdbStore::get_rows(std::vector<std::string> keys) {
  const auto work = [&](lmdb::ReaderPool::Lease& lease) {
    Values values;
    values.reserve(keys.size());
    for (const std::string& key : keys) {
      values.emplace_back(lmdb::get_row(lease.txn(), env_.databases(), key));
    }
    return values;
  };
  co_return read<Values>(work);
}

awaitable<std::expected<RowPage, StoreError>> LmdbStore::scan_rows(std::string prefix,
                                                                   std::optional<std::string> after,
                                                                   std::size_t max) {
  const auto work = [&](lmdb::ReaderPool::Lease& lease) {
    return lmdb::scan_rows(lease.txn(), env_.databases(), prefix, after, max);
  };
  co_return read<RowPage>(work);
}

awaitable<std::expected<Parcel, StoreError>> LmdbStore::dump(std::optional<std::string> after,
                                                             std::size_t max_bytes) {
  const auto work = [&](lmdb::ReaderPool::Lease& lease) {
    return lmdb::pack(lease, env_.databases(), after, max_bytes);
  };
  co_return read<Parcel>(work);
}

awaitable<std::expected<void, StoreError>> LmdbStore::load(const Parcel& parcel) {
  struct Loaded {
    std::shared_ptr<const CommitBatch> batch{};
    std::optional<StoreError> refusal{};
  };
  const auto work = [&](lmdb::LmdbLedger& ledger, Seq last) {
    auto number = ledger.unpack(parcel, last);
    const CommitBatch batch{.events = {}, .changes = {}, .last = number.value_or(last)};
    Loaded loaded{.batch = std::make_shared<const CommitBatch>(batch)};
    if (!number) loaded.refusal = std::move(number.error());
    return loaded;
  };
  auto loaded = commit<Loaded>(work);
  if (!loaded) co_return std::unexpected(std::move(loaded.error()));
  if (loaded->refusal) co_return std::unexpected(*std::move(loaded->refusal));
  co_return std::expected<void, StoreError>();
}

}  // namespace store
