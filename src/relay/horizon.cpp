#include "relay/horizon.h"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <limits>

namespace relay {
namespace {

constexpr store::Seq all = std::numeric_limits<store::Seq>::max();

}  // namespace

Horizon::Horizon(boost::asio::io_context& context, const base::Limits& limits,
                 std::function<void()> ask)
    : context_(context), limits_(limits), ask_(std::move(ask)) {}

void Horizon::advance(store::Seq commit) {
  last_ = std::max(last_.value_or(0), commit);
  end_waits(*last_);
}

boost::asio::awaitable<bool> Horizon::reach(store::Seq commit) {
  if (reaches(commit)) co_return true;
  if (stopped_) co_return false;
  const std::uint64_t losses = losses_;
  Wait wait(context_, commit);
  wait.timer.expires_after(std::chrono::milliseconds(limits_.authorize_timeout_ms));
  waits_.push_back(wait);
  ask_();
  boost::system::error_code ended;
  co_await wait.timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ended));
  co_return losses == losses_&& reaches(commit);
}

void Horizon::lose(store::Seq commit) {
  last_ = commit;
  ++losses_;
  lost_ = true;
  end_waits(all);
}

void Horizon::stop() {
  stopped_ = true;
  end_waits(all);
}

void Horizon::end_waits(store::Seq up_to) {
  for (Wait& wait : waits_) {
    if (wait.commit <= up_to) wait.timer.cancel();
  }
}

}  // namespace relay
