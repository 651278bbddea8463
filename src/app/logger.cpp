#include "app/logger.h"

#include <fmt/chrono.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <algorithm>
#include <cctype>

#include "nostr/relay_message.h"

namespace app {
namespace {

class JsonLines final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto level = spdlog::level::to_string_view(message.level);
    std::string upper(level.data(), level.size());
    std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
    std::string line = fmt::format(
        R"({{"timestamp":"{:%FT%TZ}","level":"{}","target":"mls_gateway","message":)",
        fmt::gmtime(std::chrono::time_point_cast<std::chrono::seconds>(message.time)), upper);
    nostr::append_json_string(line, {message.payload.data(), message.payload.size()});
    line += "}\n";
    out.append(line.data(), line.data() + line.size());
  }
  [[nodiscard]] std::unique_ptr<formatter> clone() const override {
    return std::make_unique<JsonLines>();
  }
};

}  // namespace

base::Log make_log(const config::Log& config) {
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  if (config.format == "json")
    sink->set_formatter(std::make_unique<JsonLines>());
  else
    sink->set_pattern("%Y-%m-%d %H:%M:%S %^%l%$ %v");
  auto log = std::make_shared<spdlog::logger>("mls_gateway", std::move(sink));
  log->set_level(spdlog::level::from_str(config.level));
  log->flush_on(spdlog::level::warn);
  return log;
}

}  // namespace app
