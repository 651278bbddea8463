#include "store/lmdb/errors.h"

#include <fmt/format.h>
#include <lmdb.h>

#include <cerrno>

namespace store::lmdb {
namespace {

using Code = StoreError::Code;

Code code_of(int rc) {
  switch (rc) {
    case MDB_MAP_FULL:
    case MDB_TXN_FULL:
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return Code::full;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_BAD_TXN:  // given up by LMDB itself, which came upon pages that it could not follow
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
    case MDB_INCOMPATIBLE:
      return Code::corrupt;
    default:
      return Code::unavailable;
  }
}

std::string_view remedy_of(int rc) {
  switch (rc) {
    case EACCES:
    case EPERM:
    case EROFS:
      return "give the relay's user read and write access to it";
    case EIO:  // also what LMDB makes of a write that was cut short
      return "see whether the disk is full, and what the system's log says of it";
    case MDB_PANIC:
      return "a write failed earlier; look at the disk, then restart the relay";
    case MDB_READERS_FULL:
      return "too many threads read at once; lower the number of workers";
    case ENOMEM:
      return "no address space is left for the map; raise the limit on virtual memory (ulimit -v)";
    default:
      break;
  }
  switch (code_of(rc)) {
    case Code::full:
      return "free some disk space or move the database to a larger disk";
    case Code::corrupt:
      return "the database is damaged or not a gateway's; restore a backup or choose another "
             "folder";
    default:
      return "look at the disk and the system's log";
  }
}

StoreError make(Code code, int rc, const std::filesystem::path& folder) {
  return {code,
          fmt::format("database '{}': {}; {}", folder.string(), mdb_strerror(rc), remedy_of(rc))};
}

}  // namespace

StoreError error_of(int rc, const std::filesystem::path& folder) {
  return make(code_of(rc), rc, folder);
}

StoreError unknown_outcome(int rc, const std::filesystem::path& folder) {
  return make(Code::unknown_outcome, rc, folder);
}

}  // namespace store::lmdb
