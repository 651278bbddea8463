// idle: what a connection costs that only waits: memory of the server with and without C of them.
#include <fmt/format.h>

#include <memory>

#include "crowd.h"
#include "signed_events.h"
#include "target.h"

namespace bench {
namespace {

constexpr int text_note_kind = 1;        // NIP-10
constexpr int gift_wrap_kind = 1059;     // NIP-59
constexpr int client_auth_kind = 22242;  // NIP-42

struct Options {
  Target target;
  std::size_t connections = 10'000;
  std::size_t sources = 4;
  bool auth = false;
};

/// Takes each client through: challenge, AUTH, OK, REQ, EOSE (or from REQ on), and then leaves it
/// alone.
class Waiters {
 public:
  Waiters(Crowd& crowd, const Options& options) : crowd_(crowd), options_(options) {}

  /// For messages that arrive while connections are still being opened, too.
  void hear(RelayClient& client, const RelayMessage& message) {
    if (message.type == "AUTH" && options_.auth) authenticate(client, message.subject);
    if (message.type == "OK" && message.rest.starts_with("true")) subscribe(client);
    if (message.type == "OK" && !message.rest.starts_with("true")) fail(message.rest);
    if (message.type == "CLOSED") fail(message.rest);
    if (message.type == "EOSE") ++waiting_;
  }

  void subscribe_all() {
    for (std::size_t i = 0; i < crowd_.size() && !options_.auth; ++i) subscribe(crowd_[i]);
  }

  [[nodiscard]] bool settled() const { return waiting_ + failed_ + crowd_.lost() >= crowd_.size(); }
  [[nodiscard]] std::size_t waiting() const { return waiting_; }
  [[nodiscard]] const std::string& first_failure() const { return first_failure_; }

 private:
  void authenticate(RelayClient& client, std::string_view challenge) {
    signer_.change_key();
    const std::string tags =
        fmt::format(R"([["relay","{}"],["challenge","{}"]])", options_.target.url, challenge);
    client.send(
        text_frame(fmt::format(R"(["AUTH",{}])", signer_.sign(client_auth_kind, tags, ""))));
  }

  /// What a client of gift wraps leaves open; strangers may not ask a gateway for those, so they
  /// ask for mentions.
  void subscribe(RelayClient& client) {
    client.send(text_frame(fmt::format(R"(["REQ","inbox",{{"kinds":[{}],"#p":["{}"]}}])",
                                       options_.auth ? gift_wrap_kind : text_note_kind,
                                       signer_.public_key())));
  }

  void fail(std::string_view reason) {
    if (failed_++ == 0) first_failure_ = reason;
  }

  Crowd& crowd_;
  const Options& options_;
  Signer signer_;
  std::size_t waiting_ = 0, failed_ = 0;
  std::string first_failure_;
};

Outcome run(const Options& options) {
  Crowd crowd(options.target);
  Waiters waiters(crowd, options);
  crowd.on_text([&waiters](RelayClient& client, std::string_view text) {
    waiters.hear(client, split_message(text));
  });
  const auto before = server_usage(options.target.pid);
  if (auto opened = crowd.open(options.connections, options.sources); !opened) {
    return std::unexpected(opened.error());
  }
  progress(fmt::format("{} connections open", crowd.size()));
  const auto connected = server_usage(options.target.pid);
  waiters.subscribe_all();
  const bool finished = crowd.run_until([&waiters] { return waiters.settled(); });
  const auto after = server_usage(options.target.pid);

  boost::json::object report{{"connections", options.connections},
                             {"auth", options.auth},
                             {"finished", finished},
                             {"subscribed", waiters.waiting()},
                             {"connections_lost", crowd.lost()}};
  if (!waiters.first_failure().empty()) report["first_failure"] = waiters.first_failure();
  if (before && connected && after) {
    const auto per_connection = [&](std::int64_t rss) {
      return static_cast<double>(rss - before->rss_bytes) /
             static_cast<double>(options.connections);
    };
    report["server"] = {{"rss_before_bytes", before->rss_bytes},
                        {"rss_connected_bytes", connected->rss_bytes},
                        {"rss_subscribed_bytes", after->rss_bytes},
                        {"bytes_per_connection_connected", per_connection(connected->rss_bytes)},
                        {"bytes_per_connection", per_connection(after->rss_bytes)}};
  }
  return report;
}

}  // namespace

Command add_idle(CLI::App& app) {
  auto* command = app.add_subcommand(
      "idle", "C connections with one subscription each: memory of a fresh relay per connection");
  const auto options = std::make_shared<Options>();
  add_target_options(*command, options->target);
  command->add_option("--connections", options->connections)
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command
      ->add_option("--sources", options->sources,
                   "connect from 127.0.0.1 to .N; 0 = the system's choice")
      ->capture_default_str()
      ->check(CLI::Range(0, 250));
  command->add_flag("--auth", options->auth, "authenticate each with a key of its own (NIP-42)");
  return {command, [options] { return run(*options); }};
}

}  // namespace bench
