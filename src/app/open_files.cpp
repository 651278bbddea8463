#include "app/open_files.h"

#include <fmt/format.h>
#include <sys/resource.h>

namespace app {

std::string raise_open_files(std::int64_t max_connections) {
  constexpr std::int64_t own_files = 64;  // store, log, event loops, listening sockets
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return {};
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  ::getrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_cur >= static_cast<rlim_t>(max_connections + own_files)) return {};
  return fmt::format(
      "this process may open {} files, which is less than [limits] max_connections = {} needs; "
      "raise it (systemd: LimitNOFILE, Docker: --ulimit nofile, a shell: ulimit -Hn), or lower "
      "max_connections",
      files.rlim_cur, max_connections);
}

}  // namespace app
