#include "extensions/write_policy/inquiries.h"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace extensions::write_policy {

boost::asio::awaitable<std::optional<relay::Verdict>> Inquiries::wait(std::uint64_t number) {
  const auto alive = shared_from_this();
  if (!worker_) co_return std::nullopt;
  Waiting waiting{
      boost::asio::steady_timer(*worker_, boost::asio::steady_timer::time_point::max())};
  waiting_.emplace(number, &waiting);
  boost::system::error_code cancelled;
  co_await waiting.done.async_wait(
      boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
  waiting_.erase(number);
  co_return std::move(waiting.verdict);
}

void Inquiries::close() {
  {
    const std::lock_guard lock(mutex_);
    worker_.reset();
  }
  for (const auto& [number, waiting] : waiting_) waiting->done.cancel();
}

void Inquiries::deliver(std::uint64_t number, relay::Verdict verdict) {
  const std::lock_guard lock(mutex_);
  if (!worker_) return;
  boost::asio::post(*worker_, [weak = weak_from_this(), number, verdict = std::move(verdict)] {
    if (const auto self = weak.lock()) self->settle(number, verdict);
  });
}

void Inquiries::settle(std::uint64_t number, const relay::Verdict& verdict) {
  const auto found = waiting_.find(number);
  if (found == waiting_.end()) return;
  found->second->verdict = verdict;
  found->second->done.cancel();
}

}  // namespace extensions::write_policy
