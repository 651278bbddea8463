#include "app/logger.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <mutex>
#include <string>

#include "app/log_lines.h"
#include "base/log_levels.h"

namespace app {
namespace {

bool writes_json(const config::Log& config, std::string_view by_itself) {
  if (config.format != "auto") return config.format == "json";
  return ::isatty(STDERR_FILENO) == 0 && by_itself == "json";
}

spdlog::sink_ptr make_sink(bool json) {
  const char* no_colors = std::getenv("NO_COLOR");  // https://no-color.org
  const bool plain = json || (no_colors && *no_colors);
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>(
      plain ? spdlog::color_mode::never : spdlog::color_mode::automatic);
  sink->set_formatter(json ? json_lines() : text_lines());
  return sink;
}

/// REQUIRES: the configuration was checked.
base::LogLevels levels_of(const config::Log& config) {
  return base::parse_log_levels(config.level).value_or(base::LogLevels{});
}

}  // namespace

class Logs::Registry : public std::enable_shared_from_this<Registry> {
 public:
  Registry(spdlog::sink_ptr sink, base::LogLevels levels)
      : sink_(std::move(sink)), levels_(std::move(levels)) {}

  base::Log get(const std::string& target);
  void set(base::LogLevels levels) {
    const std::lock_guard lock(mutex_);
    levels_ = std::move(levels);
    for (const auto& [target, log] : logs_)
      if (const auto alive = log.lock()) alive->set_level(levels_.of(target));
  }

 private:
  const spdlog::sink_ptr sink_;
  std::mutex mutex_;
  base::LogLevels levels_;
  std::map<std::string, std::weak_ptr<spdlog::logger>> logs_;
};

/// Its clones are those of other components, so that their levels are settled here as well.
class Logs::ComponentLog final : public spdlog::logger {
 public:
  ComponentLog(std::string target, spdlog::sink_ptr sink, std::shared_ptr<Registry> registry)
      : logger(std::move(target), std::move(sink)), registry_(std::move(registry)) {}
  base::Log clone(std::string target) override { return registry_->get(target); }

 private:
  const std::shared_ptr<Registry> registry_;
};

base::Log Logs::Registry::get(const std::string& target) {
  const std::lock_guard lock(mutex_);
  auto& known = logs_[target];
  if (auto log = known.lock()) return log;
  auto log = std::make_shared<ComponentLog>(target, sink_, shared_from_this());
  log->set_level(levels_.of(target));
  known = log;
  return log;
}

Logs::Logs(const config::Log& config, std::string_view by_itself)
    : registry_(std::make_shared<Registry>(make_sink(writes_json(config, by_itself)),
                                           levels_of(config))) {}

base::Log Logs::of(std::string_view component) const {
  return registry_->get(fmt::format("mls_gateway::{}", component));
}

void Logs::configure(const config::Log& config) const { registry_->set(levels_of(config)); }

base::Log make_log(const config::Log& config) { return Logs(config, "text").of("app"); }

}  // namespace app
