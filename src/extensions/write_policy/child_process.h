#pragma once
#include <sys/types.h>

#include <expected>
#include <string>

namespace extensions::write_policy {

/// A shell command that runs as a process group of its own, with pipes on its standard streams. It
/// gets no other file descriptor of the relay, and none of its MLS_GATEWAY_* variables, which may
/// hold tokens.
class ChildProcess {
 public:
  [[nodiscard]] static std::expected<ChildProcess, std::string> start(const std::string& command);
  /// Kills what still runs. The pipes are not closed.
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;

  // The relay's ends of the pipes, for the caller to close.
  int input = -1, output = -1, errors = -1;

  /// Sends `signal` (0: none), waits a moment for the process to end, and kills the group. Says how
  /// it ended: "exit status 1", "signal 9". Blocks for 300 ms at most. Call it once.
  std::string end(int signal);

 private:
  ChildProcess() = default;
  pid_t pid_ = -1;  // also of the group; -1 once it is gone
};

}  // namespace extensions::write_policy
