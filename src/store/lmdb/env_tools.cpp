// What operators ask of a database besides reading and writing it: its sizes, and a copy of it.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "store/lmdb/env.h"
#include "store/lmdb/errors.h"

namespace store::lmdb {
namespace {

constexpr MDB_dbi free_list = 0;  // LMDB's own: page numbers that are free, a list for each commit

std::uint64_t free_pages(Txn& txn) {
  std::uint64_t pages = 0;
  Cursor cursor(txn, free_list);
  for (bool more = cursor.first(); more; more = cursor.next()) {
    std::size_t count = 0;
    if (cursor.value().size() < sizeof count) continue;
    std::memcpy(&count, cursor.value().data(), sizeof count);
    pages += count;
  }
  return pages;
}

int sync(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  const int rc = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  return rc;
}

}  // namespace

StoreInfo Env::info(Txn& txn) const {
  MDB_envinfo env;
  MDB_stat stat;
  mdb_env_info(env_.get(), &env);
  mdb_env_stat(env_.get(), &stat);
  std::error_code unknown;
  const auto file_bytes = std::filesystem::file_size(folder_ / "data.mdb", unknown);
  const std::uint64_t page_bytes = stat.ms_psize;
  return {.events = txn.entries(databases_.events),
          .rows = txn.entries(databases_.rows),
          .last = last_seq(txn, databases_),
          .details = {{"format", format_of(txn, databases_)},
                      {"file_bytes", unknown ? 0 : file_bytes},
                      {"used_bytes", (env.me_last_pgno + 1) * page_bytes},
                      {"free_bytes", free_pages(txn) * page_bytes},
                      {"map_bytes", env.me_mapsize}}};
}

std::expected<void, StoreError> Env::copy_to(const std::filesystem::path& folder) {
  int rc = mdb_env_copy2(env_.get(), folder.c_str(), MDB_CP_COMPACT);
  if (rc == 0) rc = sync(folder / "data.mdb");
  if (rc == 0) rc = sync(folder);
  if (rc != 0) return std::unexpected(error_of(rc, folder));
  return {};
}

}  // namespace store::lmdb
