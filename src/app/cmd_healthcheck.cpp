#include <fmt/format.h>

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <regex>

#include "app/address.h"
#include "app/commands.h"
#include "app/settings.h"

namespace app {
namespace {

/// The status line of a GET, or "" when there is no answer within 5 seconds.
std::string ask(const std::string& host, const std::string& port, const std::string& path) {
  boost::asio::ip::tcp::iostream stream;
  stream.expires_after(std::chrono::seconds(5));
  stream.connect(host, port);
  stream << "GET " << path << " HTTP/1.1\r\nHost: " << host << "\r\nConnection: close\r\n\r\n"
         << std::flush;
  std::string status;
  std::getline(stream, status);
  return status;
}

}  // namespace

int cmd_healthcheck(const std::string& config_path, const std::string& url) {
  std::string target = url;
  if (target.empty()) {
    Settings settings;
    if (!load(settings, config_path)) return 1;
    const auto& server = settings.core.server;
    target = fmt::format("http://{}/health",
                         url_authority(server.host, static_cast<std::uint16_t>(server.port)));
  }
  std::smatch parts;
  if (!std::regex_match(target, parts,
                        std::regex(R"(http://([^/:]+|\[[^\]]+\])(?::(\d+))?(/.*)?)"))) {
    fmt::print(stderr, "{}: not an http:// address; write http://host:port/health\n", target);
    return 1;
  }
  std::string host = parts[1];
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  const std::string status =
      ask(host, parts[2].matched ? parts[2].str() : "80", parts[3].matched ? parts[3].str() : "/");
  if (status.starts_with("HTTP/1.1 200")) {
    fmt::print("{}: healthy\n", target);
    return 0;
  }
  fmt::print(stderr, "{}: {}\n", target,
             status.empty() ? "no answer; is the relay running?" : status);
  return 1;
}

}  // namespace app
