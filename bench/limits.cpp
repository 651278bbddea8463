// limits: the yardsticks of this machine, now. What a relay cannot be faster than, for ratios that
// travel.
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <secp256k1_schnorrsig.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <filesystem>
#include <memory>
#include <thread>
#include <utility>

#include "base/bytes.h"
#include "crowd.h"
#include "target.h"

namespace bench {
namespace {

constexpr std::size_t message_bytes = 700;

struct Options {
  double seconds = 1;
  std::string directory = ".";
  std::size_t writes = 500;
};

/// Of the calling thread.
double thread_cpu_s() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// Calls `work` (which answers how much it did) for that long; how much per second of this thread's
/// CPU.
template <typename Work>
double per_cpu_second(double seconds, Work work) {
  const double begin = thread_cpu_s();
  const auto end_ns = now_ns() + static_cast<std::int64_t>(seconds * 1e9);
  double done = 0;
  while (now_ns() < end_ns) done += static_cast<double>(work());
  return done / (thread_cpu_s() - begin);
}

struct DestroyContext {
  void operator()(secp256k1_context* context) const { secp256k1_context_destroy(context); }
};

/// BIP-340 verification of a 32-byte message, the key parsed each time, as for an event from a
/// stranger.
double verifications(double seconds) {
  const std::unique_ptr<secp256k1_context, DestroyContext> owner(
      secp256k1_context_create(SECP256K1_CONTEXT_NONE));
  const secp256k1_context* context = owner.get();
  secp256k1_keypair pair;
  secp256k1_xonly_pubkey key;
  base::Bytes32 secret, message, encoded;
  base::Bytes64 signature;
  secret.bytes.fill(7);
  const bool made = secp256k1_keypair_create(context, &pair, secret.bytes.data()) == 1 &&
                    secp256k1_keypair_xonly_pub(context, &key, nullptr, &pair) == 1;
  if (!made) return 0;
  secp256k1_xonly_pubkey_serialize(context, encoded.bytes.data(), &key);
  secp256k1_schnorrsig_sign32(context, signature.bytes.data(), message.bytes.data(), &pair,
                              nullptr);
  return per_cpu_second(seconds, [&] {
    return secp256k1_xonly_pubkey_parse(context, &key, encoded.bytes.data()) &
           secp256k1_schnorrsig_verify(context, signature.bytes.data(), message.bytes.data(), 32,
                                       &key);
  });
}

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&&) = delete;
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

struct Loopback {
  std::vector<FileDescriptor> senders, receivers;
};

Loopback connect_loopback(std::size_t count) {
  const FileDescriptor listener(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (::bind(listener.get(), generic, size) != 0 || ::listen(listener.get(), 128) != 0) return {};
  ::getsockname(listener.get(), generic, &size);
  Loopback loopback;
  for (std::size_t i = 0; i < count; ++i) {
    loopback.receivers.emplace_back(::socket(AF_INET, SOCK_STREAM, 0));
    if (::connect(loopback.receivers.back().get(), generic, sizeof address) != 0) return {};
    loopback.senders.emplace_back(::accept(listener.get(), nullptr, nullptr));
  }
  return loopback;
}

/// Reads whatever arrives, on a thread of its own: only the sender's CPU is the yardstick.
void drain(const std::vector<FileDescriptor>& receivers, const std::stop_token& stop) {
  const FileDescriptor epoll(::epoll_create1(0));
  for (const auto& receiver : receivers) {
    epoll_event interest{.events = EPOLLIN, .data = {.fd = receiver.get()}};
    ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, receiver.get(), &interest);
  }
  std::vector<char> buffer(256 * 1024);
  std::array<epoll_event, 256> ready{};
  while (!stop.stop_requested()) {
    const int count = ::epoll_wait(epoll.get(), ready.data(), static_cast<int>(ready.size()), 100);
    for (int i = 0; i < count; ++i) {
      (void)::recv(ready[static_cast<std::size_t>(i)].data.fd, buffer.data(), buffer.size(),
                   MSG_DONTWAIT);
    }
  }
}

double sends(std::size_t sockets, double seconds) {
  const Loopback loopback = connect_loopback(sockets);
  if (loopback.senders.empty()) return 0;
  const std::string message(message_bytes, 'x');
  const std::jthread reader(
      [&loopback](const std::stop_token& stop) { drain(loopback.receivers, stop); });
  return per_cpu_second(seconds, [&] {
    std::size_t sent = 0;
    for (const auto& sender : loopback.senders) {
      sent += ::send(sender.get(), message.data(), message.size(), MSG_NOSIGNAL) > 0;
    }
    return sent;
  });
}

/// Time of one durable 4 KiB append.
boost::json::object durable_writes(const Options& options) {
  const auto path = std::filesystem::path(options.directory) / "gateway-bench.tmp";
  const FileDescriptor file(::open(path.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600));
  const std::string page(4096, 'x');
  std::vector<std::int64_t> latencies_ns;
  for (std::size_t i = 0; i < options.writes; ++i) {
    const auto begin = now_ns();
    if (::write(file.get(), page.data(), page.size()) < 0 || ::fdatasync(file.get()) != 0) break;
    latencies_ns.push_back(now_ns() - begin);
  }
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  return latency_report(latencies_ns);
}

Outcome run(const Options& options) {
  boost::json::object report;
  progress("schnorr verification");
  report["schnorr_verifications_per_cpu_second"] = verifications(options.seconds);
  boost::json::object sent;
  for (const std::size_t sockets : {1, 100, 1000}) {
    progress(fmt::format("send of {} bytes to {} sockets", message_bytes, sockets));
    sent[std::to_string(sockets)] = sends(sockets, options.seconds);
  }
  report["sends_per_cpu_second_by_sockets"] = std::move(sent);
  progress("durable writes");
  report["durable_4k_write"] = durable_writes(options);
  return report;
}

}  // namespace

Command add_limits(CLI::App& app) {
  auto* command = app.add_subcommand("limits", "yardsticks of this machine; needs no relay");
  const auto options = std::make_shared<Options>();
  command->add_option("--seconds", options->seconds, "for each")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--directory", options->directory, "where the durable writes go")
      ->capture_default_str();
  command->add_option("--writes", options->writes)
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  return {command, [options] { return run(*options); }};
}

}  // namespace bench
