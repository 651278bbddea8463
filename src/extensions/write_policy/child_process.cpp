#include "extensions/write_policy/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace extensions::write_policy {
namespace {

constexpr int grace_ms = 300;

/// Both ends, closed unless they are taken.
struct Pipe {
  Pipe() {
    if (pipe2(ends.data(), O_CLOEXEC) != 0) ends = {-1, -1};
  }
  ~Pipe() {
    for (const int end : ends)
      if (end >= 0) close(end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  [[nodiscard]] bool open() const { return ends[0] >= 0; }
  int take(std::size_t end) { return std::exchange(ends[end], -1); }

  std::array<int, 2> ends{-1, -1};  // to read, to write
};

/// What the child does before the command runs.
class Preparation {
 public:
  Preparation() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    sigset_t none, ignored;
    sigemptyset(&none);
    sigemptyset(&ignored);
    sigaddset(&ignored, SIGPIPE);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &ignored);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~Preparation() {
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
  }
  Preparation(const Preparation&) = delete;
  Preparation& operator=(const Preparation&) = delete;

  void streams(int input, int output, int errors) {
    posix_spawn_file_actions_adddup2(&actions, input, 0);
    posix_spawn_file_actions_adddup2(&actions, output, 1);
    posix_spawn_file_actions_adddup2(&actions, errors, 2);
    // Not every socket of the relay is opened close-on-exec.
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  }

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

std::vector<char*> environment_without_ours() {
  std::vector<char*> variables;
  for (char** variable = environ; *variable; ++variable)
    if (!std::string_view(*variable).starts_with("MLS_GATEWAY_")) variables.push_back(*variable);
  variables.push_back(nullptr);
  return variables;
}

std::string how_it_ended(int status) {
  return WIFSIGNALED(status) ? fmt::format("signal {}", WTERMSIG(status))
                             : fmt::format("exit status {}", WEXITSTATUS(status));
}

}  // namespace

std::expected<ChildProcess, std::string> ChildProcess::start(const std::string& command) {
  Pipe input, output, errors;
  if (!input.open() || !output.open() || !errors.open())
    return std::unexpected(std::generic_category().message(errno));
  Preparation preparation;
  preparation.streams(input.ends[0], output.ends[1], errors.ends[1]);
  std::array<std::string, 3> words = {"sh", "-c", command};
  const std::array<char*, 4> arguments = {words[0].data(), words[1].data(), words[2].data(),
                                          nullptr};
  const auto variables = environment_without_ours();
  ChildProcess child;
  const int failure = posix_spawn(&child.pid_, "/bin/sh", &preparation.actions,
                                  &preparation.attributes, arguments.data(), variables.data());
  if (failure != 0) {
    child.pid_ = -1;
    return std::unexpected(std::generic_category().message(failure));
  }
  child.input = input.take(1);
  child.output = output.take(0);
  child.errors = errors.take(0);
  return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : input(other.input),
      output(other.output),
      errors(other.errors),
      pid_(std::exchange(other.pid_, -1)) {}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) (void)end(SIGKILL);
}

std::string ChildProcess::end(int signal) {
  if (signal != 0) kill(-pid_, signal);
  // glibc 2.36 declares pidfd_open() for C alone.
  if (const int watch = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)); watch >= 0) {
    pollfd ended{.fd = watch, .events = POLLIN, .revents = 0};
    poll(&ended, 1, grace_ms);
    close(watch);
  }
  kill(-pid_, SIGKILL);
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return how_it_ended(status);
}

}  // namespace extensions::write_policy
