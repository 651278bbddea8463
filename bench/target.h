#pragma once
#include <CLI/CLI.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>

namespace bench {

/// The relay under load, as given on the command line.
struct Target {
  std::string url = "ws://127.0.0.1:8080";
  int pid = 0;  ///< of the server, on this machine; 0 = its use of resources is not reported
  int timeout_s = 120;
  bool deflate = false;  ///< offer permessage-deflate, and read what comes compressed
};

/// Where a ws:// URL leads.
struct Address {
  boost::asio::ip::tcp::endpoint endpoint;
  std::string host;  ///< with port, as in the Host header
  std::string path;
};

[[nodiscard]] std::expected<Address, std::string> resolve(const std::string& url);

/// What the server has used since it started; the peak is not asked for.
struct ServerUsage {
  double cpu_s = 0;  ///< user and system, of all its threads
  std::int64_t rss_bytes = 0;
};

/// nullopt if the process cannot be read. CPU comes from schedstat (nanoseconds), else from stat
/// (ticks of 10 ms).
[[nodiscard]] std::optional<ServerUsage> server_usage(int pid);

/// `events` things done between two readings, per server CPU; an empty object if either reading is
/// missing.
[[nodiscard]] boost::json::object usage_report(const std::optional<ServerUsage>& before,
                                               const std::optional<ServerUsage>& after,
                                               std::uint64_t events);

/// What a subcommand measured, or why it could not.
using Outcome = std::expected<boost::json::object, std::string>;

struct Command {
  CLI::App* app;
  std::function<Outcome()> run;
};

void add_target_options(CLI::App& app, Target& target);

// One file each.
[[nodiscard]] Command add_publish(CLI::App& app);
[[nodiscard]] Command add_fanout(CLI::App& app);
[[nodiscard]] Command add_idle(CLI::App& app);
[[nodiscard]] Command add_subscriptions(CLI::App& app);
[[nodiscard]] Command add_query(CLI::App& app);
[[nodiscard]] Command add_limits(CLI::App& app);
[[nodiscard]] Command add_gate_publish(CLI::App& app);
[[nodiscard]] Command add_gate_fanout(CLI::App& app);
[[nodiscard]] Command add_gate_groups(CLI::App& app);

}  // namespace bench
