#include "net/unix_socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>

namespace net {
namespace {

constexpr mode_t owner_and_group = 0660;
constexpr std::size_t max_path_bytes = sizeof(sockaddr_un{}.sun_path) - 1;

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

int make_socket() { return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

std::string failure(const std::string& path, std::string_view what) {
  return fmt::format("[server] unix_socket: {}: {}", path, what);
}
std::string system_failure(const std::string& path, int error) {
  return failure(path, fmt::format("{}; name a file in a folder that the relay may write to",
                                   std::generic_category().message(error)));
}

/// Somebody accepts connections there, or may: only "connection refused" says that nobody does.
bool is_served(const std::string& path) {
  const int probe = make_socket();
  const auto address = address_of(path);
  const bool refused =
      ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
      errno == ECONNREFUSED;
  ::close(probe);
  return !refused;
}

/// Makes room for the file; what is wrong otherwise.
std::optional<std::string> clear(const std::string& path) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0) return std::nullopt;
  if (!S_ISSOCK(found.st_mode))
    return failure(path, "is there already and is no socket; name another path");
  if (is_served(path))
    return failure(path, "another program listens there; stop it or name another path");
  ::unlink(path.c_str());
  return std::nullopt;
}

/// 0, or the errno of what failed. Nobody can connect before listen(), so nobody slips in before the mode is set.
int bind_and_listen(int descriptor, const std::string& path) {
  const auto address = address_of(path);
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return errno;
  if (::chmod(path.c_str(), owner_and_group) == 0 && ::listen(descriptor, SOMAXCONN) == 0) return 0;
  const int error = errno;
  ::unlink(path.c_str());
  return error;
}

}  // namespace

std::string unix_path_problem(std::string_view path) {
  if (path.size() <= max_path_bytes) return {};
  return fmt::format("has {} bytes; the path of a Unix socket may have {}", path.size(),
                     max_path_bytes);
}

std::expected<std::unique_ptr<UnixSocket>, std::string> UnixSocket::listen(
    const std::string& path) {
  if (const auto problem = unix_path_problem(path); !problem.empty())
    return std::unexpected(failure(path, problem));
  if (auto problem = clear(path)) return std::unexpected(std::move(*problem));
  const int descriptor = make_socket();
  if (descriptor < 0) return std::unexpected(system_failure(path, errno));
  if (const int error = bind_and_listen(descriptor, path)) {
    ::close(descriptor);
    return std::unexpected(system_failure(path, error));
  }
  return std::unique_ptr<UnixSocket>(new UnixSocket(descriptor, path));
}

UnixSocket::UnixSocket(int descriptor, std::string path)
    : descriptor_(descriptor), path_(std::move(path)) {
  struct stat made{};
  if (::lstat(path_.c_str(), &made) != 0) return;
  device_ = made.st_dev;
  inode_ = made.st_ino;
}

UnixSocket::~UnixSocket() {
  struct stat there{};
  if (::lstat(path_.c_str(), &there) == 0 && there.st_dev == device_ && there.st_ino == inode_)
    ::unlink(path_.c_str());
  ::close(descriptor_);
}

int UnixSocket::duplicate() const { return ::fcntl(descriptor_, F_DUPFD_CLOEXEC, 0); }

}  // namespace net
