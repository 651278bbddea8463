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

}  // namespace

std::expected<FolderLock, StoreError> FolderLock::acquire(const fs::path& folder) {
  if (auto error = make_folder(folder)) return std::unexpected(*std::move(error));
  const int fd = ::open((folder / "relay.lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) return std::unexpected(error_of(errno, folder));
  FolderLock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) return std::unexpected(error_of(errno, folder));
  return std::unexpected(
      unusable(folder, "another process has it open; stop that relay or choose another folder"));
}

FolderLock::~FolderLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace store::lmdb
