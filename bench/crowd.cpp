#include "crowd.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/ip/address_v4.hpp>
#include <cstdio>

namespace bench {
namespace {

constexpr std::size_t opening_at_once = 200;

/// Root may raise the hard limit as well, others get what it allows.
void allow_open_files(std::size_t count) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const rlimit wanted{count, std::max<rlim_t>(count, limit.rlim_max)};
  if (limit.rlim_cur >= count || ::setrlimit(RLIMIT_NOFILE, &wanted) == 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::optional<boost::asio::ip::address> source_address(std::size_t index, std::size_t sources) {
  if (sources == 0) return std::nullopt;
  const auto last = static_cast<std::uint32_t>(1 + index % sources);
  return boost::asio::ip::address_v4(0x7f000000U + last);
}

/// Takes `"text"` and the comma after it off the front.
std::string_view take_string(std::string_view& rest) {
  const auto begin = rest.find('"');
  if (begin == std::string_view::npos) return {};
  const auto end = rest.find('"', begin + 1);
  if (end == std::string_view::npos) return {};
  const auto text = rest.substr(begin + 1, end - begin - 1);
  rest.remove_prefix(end + 1);
  rest.remove_prefix(std::min(rest.find_first_not_of(", "), rest.size()));
  return text;
}

double milliseconds(std::int64_t ns) { return static_cast<double>(ns) / 1e6; }

}  // namespace

Crowd::Crowd(const Target& target) : target_(target), address_(resolve(target.url)) {
  context_.deflate = target.deflate;
  context_.on_text = [](RelayClient&, std::string_view) {};
  context_.on_lost = [this](RelayClient&) { ++lost_; };
}

std::expected<void, std::string> Crowd::open(std::size_t count, std::size_t sources) {
  if (!address_) return std::unexpected(address_.error());
  if (target_.pid != 0 && !server_usage(target_.pid)) {
    return std::unexpected(fmt::format("process {} cannot be read", target_.pid));
  }
  context_.address = *address_;
  allow_open_files(clients_.size() + count + 64);
  clients_.reserve(clients_.size() + count);
  for (std::size_t i = 0; i < count; ++i) {
    clients_.push_back(std::make_unique<RelayClient>(context_, clients_.size()));
  }
  for (std::size_t i = 0; i < opening_at_once; ++i) open_next(sources);
  const bool finished =
      run_until([this] { return opened_ == clients_.size() || !failure_.empty(); });
  if (!failure_.empty()) {
    return std::unexpected(fmt::format("connection {}: {}", opened_ + 1, failure_));
  }
  if (!finished) return std::unexpected("connecting took too long");
  return {};
}

void Crowd::open_next(std::size_t sources) {
  if (started_ == clients_.size()) return;
  const std::size_t index = started_++;
  clients_[index]->open(source_address(index, sources), [this, sources](const std::string& reason) {
    if (!reason.empty()) {
      failure_ = reason;
      return;
    }
    ++opened_;
    open_next(sources);
  });
}

bool Crowd::run_until(const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(target_.timeout_s);
  context_.io.restart();
  while (!done()) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= deadline || context_.io.stopped()) return false;
    // `done` may wait for silence, so it is asked now and then even when nothing happens.
    context_.io.run_one_until(std::min(deadline, now + std::chrono::milliseconds(50)));
  }
  return true;
}

RelayMessage split_message(std::string_view message) {
  RelayMessage split;
  split.type = take_string(message);
  split.subject = take_string(message);
  split.rest = message;
  return split;
}

std::int64_t now_ns() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

boost::json::object latency_report(std::vector<std::int64_t>& latencies_ns) {
  if (latencies_ns.empty()) return {{"count", 0}};
  std::ranges::sort(latencies_ns);
  const auto at = [&latencies_ns](double share) {
    const auto last = static_cast<double>(latencies_ns.size() - 1);
    return milliseconds(latencies_ns[static_cast<std::size_t>(share * last)]);
  };
  return {{"count", latencies_ns.size()},
          {"p50_ms", at(0.5)},
          {"p90_ms", at(0.9)},
          {"p99_ms", at(0.99)},
          {"max_ms", at(1)}};
}

void progress(std::string_view text) { fmt::print(stderr, "{}\n", text); }

}  // namespace bench
