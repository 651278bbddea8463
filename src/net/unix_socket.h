#pragma once
#include <sys/types.h>

#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace net {

/// A listening Unix socket with its file (mode 0660), which goes with it. The destructor and the accessors may run on any
/// thread, one at a time.
class UnixSocket {
 public:
  /// A file that a relay left behind is replaced; one that somebody listens on is not. The error says what to do.
  [[nodiscard]] static std::expected<std::unique_ptr<UnixSocket>, std::string> listen(
      const std::string& path);
  ~UnixSocket();
  UnixSocket(const UnixSocket&) = delete;
  UnixSocket& operator=(const UnixSocket&) = delete;

  /// Another descriptor of the same socket, the caller's to close; -1 when there are no more.
  [[nodiscard]] int duplicate() const;

 private:
  UnixSocket(int descriptor, std::string path);

  const int descriptor_;
  const std::string path_;
  dev_t device_ = 0;  // which file is ours: another relay may have put its own in its place
  ino_t inode_ = 0;
};

/// Why no Unix socket can have this path; "" if one can.
[[nodiscard]] std::string unix_path_problem(std::string_view path);

}  // namespace net
