// What a worker does when its store has lost track of other instances (LostTrack): sends everybody
// away, reads anew what it learnt from commits, and only then lets anybody in.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "relay/extension/http_refusal.h"
#include "relay/worker.h"

namespace relay {
namespace {

constexpr auto retry_interval = std::chrono::seconds(1);
// Commits that change rows and come while these are read; beyond that they are read once more.
constexpr std::size_t max_kept = 256;

HttpHandler unless_lost(const Horizon& horizon, HttpHandler handler) {
  return [&horizon, handler = std::move(handler)](
             HttpRequest request) -> boost::asio::awaitable<HttpResponse> {
    if (!horizon.lost()) co_return co_await handler(std::move(request));
    co_return http_refusal("error: the relay reads its store anew; try again in a moment");
  };
}

}  // namespace

std::vector<HttpRoute> Worker::routes() {
  auto routes = admission_.routes(HttpServices{.auth = http_auth_, .visits = visits_});
  for (HttpRoute& route : routes) route.handler = unless_lost(horizon_, std::move(route.handler));
  return routes;
}

void Worker::receive(LostTrack& message) {
  horizon_.lose(message.last);
  for (Connection& connection : open_) connection.send_away();
  reconciliations_.end_all("closed: the relay reads its store anew; open it again");
  relearnt_too_early_ = true;
  if (std::exchange(relearning_, true)) return;
  boost::asio::co_spawn(context_, relearn(), boost::asio::detached);
}

boost::asio::awaitable<void> Worker::relearn() {
  while (!stopped_) {
    const bool learnt = co_await try_to_relearn();
    if (learnt) break;
    relearn_timer_.expires_after(retry_interval);
    boost::system::error_code cancelled;
    co_await relearn_timer_.async_wait(
        boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
  }
  if (stopped_) co_return;
  relearning_ = false;
  for (const BatchPtr& batch : std::exchange(kept_for_later_, {})) apply(*batch);
  horizon_.regain();
}

boost::asio::awaitable<bool> Worker::try_to_relearn() {
  relearnt_too_early_ = false;
  kept_for_later_.clear();
  try {
    const bool started = co_await admission_.start();
    co_return started && !relearnt_too_early_;
  } catch (const std::exception&) {
    co_return false;
  }
}

void Worker::keep_for_later(const BatchPtr& batch) {
  if (kept_for_later_.size() == max_kept) {
    relearnt_too_early_ = true;
    kept_for_later_.clear();
  }
  kept_for_later_.push_back(batch);
}

}  // namespace relay
