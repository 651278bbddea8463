#include "store/lmdb/env.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "store/lmdb/errors.h"

namespace store::lmdb {
namespace {

constexpr unsigned max_databases = 24;
constexpr unsigned max_readers = 1024;  // threads that read at the same time; 64 bytes each
constexpr std::uint64_t format_version = 2;

std::size_t whole_pages(std::size_t bytes) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return (bytes + page - 1) / page * page;
}

/// LMDB gives up its old map before it asks for the new one, so ask beforehand.
bool has_address_space(std::size_t bytes) {
  void* probe = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return probe != MAP_FAILED && munmap(probe, bytes) == 0;
}

/// `create`: MDB_CREATE or 0.
int open_all(MDB_txn* txn, Databases& databases, unsigned create) {
  struct Entry {
    const char* name;
    MDB_dbi* dbi;
    unsigned flags = 0;
  };
  auto& indexes = databases.indexes;
  const Entry entries[] = {
      {"events", &databases.events, MDB_INTEGERKEY},
      {"ids", &databases.ids},
      {"by_time", &indexes[static_cast<int>(Index::time)]},
      {"by_kind", &indexes[static_cast<int>(Index::kind)]},
      {"by_author", &indexes[static_cast<int>(Index::author)]},
      {"by_author_kind", &indexes[static_cast<int>(Index::author_kind)]},
      {"by_tag", &indexes[static_cast<int>(Index::tag)]},
      {"by_recipient", &indexes[static_cast<int>(Index::recipient)]},
      {"addresses", &databases.addresses},
      {"buried_ids", &databases.buried_ids},
      {"buried_addresses", &databases.buried_addresses},
      {"expiry", &databases.expiry},
      {"vanished", &databases.vanished},
      {"vanishing", &databases.vanishing},
      {"rows", &databases.rows},
      {"row_expiry", &databases.row_expiry},
      {"meta", &databases.meta},
  };
  for (const Entry& entry : entries) {
    if (const int rc = mdb_dbi_open(txn, entry.name, entry.flags | create, entry.dbi)) return rc;
  }
  return 0;
}

bool has_content(MDB_txn* txn) {
  MDB_dbi root;
  MDB_stat stat;
  return mdb_dbi_open(txn, nullptr, 0, &root) == 0 && mdb_stat(txn, root, &stat) == 0 &&
         stat.ms_entries > 0;
}

/// nullopt if this program reads and writes what is there.
std::optional<StoreError> check_format(Txn& txn, const Databases& databases,
                                       const std::filesystem::path& folder) {
  const std::uint64_t version = format_of(txn, databases);
  if (version == 0) return error_of(MDB_INVALID, folder);
  if (version == format_version && is_unfinished(txn, databases))
    return StoreError{StoreError::Code::unavailable,
                      fmt::format("database '{}': a copy into it did not come to its end; remove "
                                  "the folder and copy again",
                                  folder.string())};
  if (version == format_version) return std::nullopt;
  return StoreError{
      StoreError::Code::unavailable,
      fmt::format("database '{}': written in format {}, this program knows format {}; run the "
                  "version that wrote it, or export there and import here",
                  folder.string(), version, format_version)};
}

}  // namespace

std::expected<Env, StoreError> Env::open(const std::filesystem::path& folder,
                                         std::size_t map_bytes) {
  auto lock = FolderLock::acquire(folder);
  if (!lock) return std::unexpected(std::move(lock.error()));
  auto env = start(folder, *std::move(lock), map_bytes, 0);
  if (!env) return env;
  if (auto opened = env->open_databases(); !opened)
    return std::unexpected(std::move(opened.error()));
  env->forget_dead_readers();
  return env;
}

std::expected<Env, StoreError> Env::open_to_read(const std::filesystem::path& folder,
                                                 FolderLock lock) {
  // Without a size of ours the map has the one that its writer gave it.
  auto env = start(folder, std::move(lock), 0, MDB_RDONLY);
  if (!env) return env;
  if (auto found = env->find_databases(); !found) return std::unexpected(std::move(found.error()));
  return env;
}

std::expected<Env, StoreError> Env::start(const std::filesystem::path& folder, FolderLock lock,
                                          std::size_t map_bytes, unsigned flags) {
  MDB_env* raw = nullptr;
  if (const int rc = mdb_env_create(&raw)) return std::unexpected(error_of(rc, folder));
  Env env(std::move(lock), Handle(raw), folder);
  // Readers belong to the pool, not to threads (NOTLS); relays read here and there, so reading
  // ahead only pushes useful pages out of memory (NORDAHEAD).
  int rc = mdb_env_set_maxdbs(raw, max_databases);
  if (rc == 0) rc = mdb_env_set_maxreaders(raw, max_readers);
  if (rc == 0 && map_bytes > 0) rc = mdb_env_set_mapsize(raw, whole_pages(map_bytes));
  if (rc == 0) rc = mdb_env_open(raw, folder.c_str(), flags | MDB_NOTLS | MDB_NORDAHEAD, 0600);
  if (rc != 0) return std::unexpected(error_of(rc, folder));
  if (auto sound = env.check_size(); !sound) return std::unexpected(std::move(sound.error()));
  return env;
}

/// Reading behind the end of a file that was cut short (an unfinished copy) would end the process
/// with SIGBUS.
std::expected<void, StoreError> Env::check_size() const {
  // Pages taken and given back within one transaction are counted but may never have been written.
  constexpr std::uintmax_t slack = 1 << 20;
  MDB_envinfo info;
  MDB_stat stat;
  mdb_env_info(env_.get(), &info);
  mdb_env_stat(env_.get(), &stat);
  std::error_code error;
  const auto size = std::filesystem::file_size(folder_ / "data.mdb", error);
  if (error) return std::unexpected(error_of(error.value(), folder_));
  const std::uintmax_t wanted = (info.me_last_pgno + 1) * stat.ms_psize;
  if (size + slack >= wanted) return {};
  return std::unexpected(StoreError{
      StoreError::Code::corrupt,
      fmt::format("database '{}': data.mdb has {} bytes where {} were written, as after an "
                  "unfinished copy; restore a backup",
                  folder_.string(), size, wanted)});
}

std::expected<void, StoreError> Env::open_databases() {
  MDB_txn* raw = nullptr;
  if (const int rc = mdb_txn_begin(env_.get(), nullptr, 0, &raw)) {
    return std::unexpected(error_of(rc, folder_));
  }
  WriteTxn txn{TxnHandle(raw)};
  const bool is_new = !has_content(raw);
  int rc = open_all(raw, databases_, MDB_CREATE);
  if (rc != 0) return std::unexpected(error_of(rc, folder_));
  if (is_new) txn.put(databases_.meta, format_key, Key().add64(format_version).view());
  if (auto error = check_format(txn, databases_, folder_)) return std::unexpected(*error);
  rc = txn.status() != 0 ? txn.status() : txn.commit();
  if (rc != 0) return std::unexpected(error_of(rc, folder_));
  return {};
}

/// In a database of another format or program some are missing.
std::expected<void, StoreError> Env::find_databases() {
  auto handle = begin_read();
  if (!handle) return std::unexpected(error_of(handle.error(), folder_));
  Txn txn(handle->get());
  MDB_dbi meta = 0;
  int rc = mdb_dbi_open(handle->get(), "meta", 0, &meta);
  databases_.meta = meta;
  if (rc == 0) {
    if (auto error = check_format(txn, databases_, folder_)) return std::unexpected(*error);
    rc = open_all(handle->get(), databases_, 0);
  }
  if (rc == MDB_NOTFOUND) rc = MDB_INVALID;
  if (rc == 0) rc = mdb_txn_commit(handle->release());  // keeps the handles
  if (rc != 0) return std::unexpected(error_of(rc, folder_));
  return {};
}

std::expected<WriteTxn, StoreError> Env::begin_write() {
  MDB_txn* txn = nullptr;
  if (const int rc = mdb_txn_begin(env_.get(), nullptr, 0, &txn)) {
    return std::unexpected(error_of(rc, folder_));
  }
  return WriteTxn(TxnHandle(txn));
}

std::expected<TxnHandle, int> Env::begin_read() {
  MDB_txn* txn = nullptr;
  if (const int rc = mdb_txn_begin(env_.get(), nullptr, MDB_RDONLY, &txn)) {
    return std::unexpected(rc);
  }
  return TxnHandle(txn);
}

std::expected<void, StoreError> Env::grow() {
  MDB_envinfo info;
  mdb_env_info(env_.get(), &info);
  const std::size_t doubled = info.me_mapsize * 2;
  const int rc = has_address_space(doubled) ? mdb_env_set_mapsize(env_.get(), doubled) : ENOMEM;
  if (rc != 0) return std::unexpected(error_of(rc, folder_));
  return {};
}

std::expected<void, StoreError> Env::follow() {
  const int rc = mdb_env_set_mapsize(env_.get(), 0);
  if (rc != 0) return std::unexpected(error_of(rc, folder_));
  return {};
}

}  // namespace store::lmdb
