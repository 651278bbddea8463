#pragma once
#include <expected>
#include <filesystem>
#include <utility>

#include "store/store_error.h"

namespace store::lmdb {

/// Exclusive use of a database folder, from acquire() until destruction or the process's end,
/// however it ends. LMDB itself would let two processes share an environment; two relays must not:
/// each would miss the other's commits.
class FolderLock {
 public:
  /// Makes the folder if it is missing.
  [[nodiscard]] static std::expected<FolderLock, StoreError> acquire(
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
