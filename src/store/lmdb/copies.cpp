#include "store/lmdb/copies.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "store/lmdb/env.h"
#include "store/lmdb/errors.h"
#include "store/lmdb/lmdb_store.h"

namespace store {
namespace fs = std::filesystem;
namespace {

std::unexpected<StoreError> failed(const std::error_code& error, const fs::path& path) {
  return std::unexpected(lmdb::error_of(error.value(), path));
}

/// A new, empty folder for the relay's user alone; what an interrupted copy left there goes.
std::expected<void, StoreError> make_empty(const fs::path& folder) {
  std::error_code error;
  fs::remove_all(folder, error);
  if (!error) fs::create_directories(folder, error);
  if (!error) fs::permissions(folder, fs::perms::owner_all, error);
  if (error) return failed(error, folder);
  return {};
}

/// What was renamed in `folder` stays renamed.
std::expected<void, StoreError> sync_folder(const fs::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return std::unexpected(lmdb::error_of(errno, folder));
  const int rc = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (rc != 0) return std::unexpected(lmdb::error_of(rc, folder));
  return {};
}

/// A copy of `env` in the new folder `place`.
std::expected<void, StoreError> copy(lmdb::Env& env, const fs::path& place) {
  if (auto made = make_empty(place); !made) return made;
  auto copied = env.copy_to(place);
  if (copied) return {};
  std::error_code ignored;
  fs::remove_all(place, ignored);
  return copied;
}

fs::path beside(const fs::path& folder, std::string_view ending) {
  const fs::path plain = folder.has_filename() ? folder : folder.parent_path();
  return fs::path(plain).concat(ending);
}

}  // namespace

std::expected<void, StoreError> LmdbStore::back_up(const fs::path& destination) {
  std::error_code error;
  if (fs::exists(destination) &&
      !(fs::is_directory(destination) && fs::is_empty(destination, error)))
    return std::unexpected(StoreError{
        StoreError::Code::unavailable,
        fmt::format("'{}' is there and not an empty folder; name one that is not there yet",
                    destination.string())});
  const fs::path absolute = fs::absolute(beside(destination, ""), error);
  const fs::path partial = beside(absolute, ".partial");
  if (auto copied = copy(env_, partial); !copied) return copied;
  fs::rename(partial, absolute, error);
  if (error) return failed(error, destination);
  return sync_folder(absolute.parent_path());
}

std::expected<Compacted, StoreError> compact_lmdb(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder / "data.mdb", error))
    return std::unexpected(
        StoreError{StoreError::Code::unavailable,
                   fmt::format("database '{}': no database is there; see data.path in the config",
                               folder.string())});
  auto lock = lmdb::FolderLock::acquire(folder);
  if (!lock) return std::unexpected(std::move(lock.error()));
  const auto alone = lmdb::FolderLock::exclude_readers(folder);
  if (!alone) return std::unexpected(alone.error());
  auto env = lmdb::Env::open_to_read(folder, *std::move(lock));
  if (!env) return std::unexpected(std::move(env.error()));

  const fs::path place = folder / "compact.tmp";
  if (auto copied = copy(*env, place); !copied) return std::unexpected(copied.error());
  Compacted result{.bytes_before = fs::file_size(folder / "data.mdb", error),
                   .bytes_after = fs::file_size(place / "data.mdb", error)};
  // The table of readers speaks of the old file's commits: with the new one it would lead astray.
  fs::remove(folder / "lock.mdb", error);
  if (!error) fs::rename(place / "data.mdb", folder / "data.mdb", error);
  if (error) return failed(error, folder);
  if (auto synced = sync_folder(folder); !synced) return std::unexpected(synced.error());
  fs::remove_all(place, error);
  return result;
}

}  // namespace store
