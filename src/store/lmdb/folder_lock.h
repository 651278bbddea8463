#pragma once
#include <expected>
#include <filesystem>
#include <utility>

#include "store/store_error.h"

namespace store::lmdb {

/// A lock on a database folder, from its making until destruction or the process's end, however it
/// ends. LMDB itself would let two processes write to an environment in turns; two relays must not:
/// each would miss the other's commits.
class FolderLock {
 public:
  /// The right to write, for one process. Makes the folder if it is missing.
  [[nodiscard]] static std::expected<FolderLock, StoreError> acquire(
      const std::filesystem::path& folder);
  /// For reading, beside the one who writes and other readers: nobody replaces the files meanwhile.
  [[nodiscard]] static std::expected<FolderLock, StoreError> share(
      const std::filesystem::path& folder);
  /// Nobody reads from now on: for who replaces the files.
  [[nodiscard]] static std::expected<FolderLock, StoreError> exclude_readers(
      const std::filesystem::path& folder);

  FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FolderLock& operator=(FolderLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FolderLock();

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace store::lmdb
