#include "target.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>

namespace bench {
namespace {

namespace fs = std::filesystem;

std::optional<double> cpu_from_schedstat(const fs::path& process) {
  std::error_code error;
  double total_ns = 0;
  for (const auto& task : fs::directory_iterator(process / "task", error)) {
    double on_cpu_ns = 0;
    // A thread may end between listing and reading it.
    if (std::ifstream(task.path() / "schedstat") >> on_cpu_ns) total_ns += on_cpu_ns;
  }
  if (error || total_ns == 0) return std::nullopt;
  return total_ns / 1e9;
}

std::optional<double> cpu_from_stat(const fs::path& process) {
  std::string stat;
  if (!std::getline(std::ifstream(process / "stat"), stat)) return std::nullopt;
  // Fields 14 and 15, counted after the command name, which may hold spaces and brackets (proc(5)).
  std::istringstream fields(stat.substr(stat.rfind(')') + 2));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::int64_t rss_of(const fs::path& process) {
  std::ifstream status(process / "status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stoll(line.substr(6)) * 1024;
  }
  return 0;
}

}  // namespace

std::expected<Address, std::string> resolve(const std::string& url) {
  constexpr std::string_view scheme = "ws://";
  if (!url.starts_with(scheme)) return std::unexpected("the URL must begin with ws://");
  const std::string rest = url.substr(scheme.size());
  const auto slash = std::min(rest.find('/'), rest.size());
  const std::string host = rest.substr(0, slash);
  const auto colon = host.rfind(':');
  const bool has_port = colon != std::string::npos;
  boost::asio::io_context io;
  boost::system::error_code error;
  const auto found = boost::asio::ip::tcp::resolver(io).resolve(
      host.substr(0, colon), has_port ? host.substr(colon + 1) : "80", error);
  if (error) return std::unexpected(fmt::format("{}: {}", host, error.message()));
  return Address{found.begin()->endpoint(), host, slash < rest.size() ? rest.substr(slash) : "/"};
}

std::optional<ServerUsage> server_usage(int pid) {
  if (pid == 0) return std::nullopt;
  const fs::path process = fmt::format("/proc/{}", pid);
  auto cpu = cpu_from_schedstat(process);
  if (!cpu) cpu = cpu_from_stat(process);
  if (!cpu) return std::nullopt;
  return ServerUsage{*cpu, rss_of(process)};
}

boost::json::object usage_report(const std::optional<ServerUsage>& before,
                                 const std::optional<ServerUsage>& after, std::uint64_t events) {
  if (!before || !after) return {};
  const double cpu_s = after->cpu_s - before->cpu_s;
  const auto count = static_cast<double>(events);
  boost::json::object report{{"cpu_s", cpu_s}, {"rss_bytes", after->rss_bytes}};
  if (events > 0 && cpu_s > 0) {
    report["cpu_us_each"] = cpu_s * 1e6 / count;
    report["per_cpu_second"] = count / cpu_s;
  }
  return report;
}

void add_target_options(CLI::App& app, Target& target) {
  app.add_option("--url", target.url, "the relay, ws://host:port[/path]")->capture_default_str();
  app.add_option("--pid", target.pid, "the relay's process, to report its CPU and memory");
  app.add_option("--timeout-s", target.timeout_s, "give up on a phase after so many seconds")
      ->capture_default_str();
  app.add_flag("--deflate", target.deflate, "offer compression (permessage-deflate)");
}

}  // namespace bench
