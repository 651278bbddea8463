#include "store/lmdb/folder_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "store/lmdb/errors.h"

namespace store::lmdb {
namespace fs = std::filesystem;
namespace {

StoreError unusable(const fs::path& folder, std::string_view why) {
  return {StoreError::Code::unavailable, fmt::format("database '{}': {}", folder.string(), why)};
}

std::optional<StoreError> make_folder(const fs::path& folder) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (fs::is_directory(status)) return std::nullopt;
  if (fs::exists(status)) return unusable(folder, "not a directory; name a folder, not a file");
  if (fs::create_directories(folder, error); error) return error_of(error.value(), folder);
  // Events of private groups lie in it.
  fs::permissions(folder, fs::perms::owner_all, error);
  return std::nullopt;
}

/// The open file, or an error number.
std::expected<int, int> lock_file(const fs::path& file, int mode) {
  int fd = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  // Readers need not be able to write.
  if (fd < 0 && mode == LOCK_SH) fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::unexpected(errno);
  if (::flock(fd, mode | LOCK_NB) == 0) return fd;
  const int why = errno;
  ::close(fd);
  return std::unexpected(why);
}

constexpr const char* writers_file = "relay.lock";
constexpr const char* readers_file = "reader.lock";

}  // namespace

std::expected<FolderLock, StoreError> FolderLock::acquire(const fs::path& folder) {
  if (auto error = make_folder(folder)) return std::unexpected(*std::move(error));
  const auto fd = lock_file(folder / writers_file, LOCK_EX);
  if (fd) return FolderLock(*fd);
  if (fd.error() != EWOULDBLOCK) return std::unexpected(error_of(fd.error(), folder));
  return std::unexpected(
      unusable(folder, "another process has it open; stop that relay or choose another folder"));
}

std::expected<FolderLock, StoreError> FolderLock::share(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder / "data.mdb", error)) {
    return std::unexpected(unusable(folder, "no database is there; see data.path in the config"));
  }
  const auto fd = lock_file(folder / readers_file, LOCK_SH);
  if (fd) return FolderLock(*fd);
  if (fd.error() != EWOULDBLOCK) return std::unexpected(error_of(fd.error(), folder));
  return std::unexpected(unusable(folder, "it is being compacted; try again when that has ended"));
}

std::expected<FolderLock, StoreError> FolderLock::exclude_readers(const fs::path& folder) {
  const auto fd = lock_file(folder / readers_file, LOCK_EX);
  if (fd) return FolderLock(*fd);
  if (fd.error() != EWOULDBLOCK) return std::unexpected(error_of(fd.error(), folder));
  return std::unexpected(
      unusable(folder, "an export, scan or backup reads it; try again when that has ended"));
}

FolderLock::~FolderLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace store::lmdb
