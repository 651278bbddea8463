#include "extensions/mls_gateway/acl_members.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace extensions::mls_gateway {

namespace asio = boost::asio;

struct AclMembers::Request {
  AclPair pair;
  asio::steady_timer done;  ///< expires when `standing` is the answer
  Standing standing = Standing::unknown;
  bool outdated = false;  ///< something was forgotten since it was sent

  static asio::awaitable<Standing> wait(RequestPtr request) {
    boost::system::error_code woken;
    co_await request->done.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    co_return request->standing;
  }
};

std::shared_ptr<AclMembers> AclMembers::make(asio::any_io_executor executor, AskSidecar ask_sidecar,
                                             const Options& options, SteadyClock clock) {
  return std::make_shared<AclMembers>(Private{}, std::move(executor), std::move(ask_sidecar),
                                      options, std::move(clock));
}

AclMembers::AclMembers(Private, asio::any_io_executor executor, AskSidecar ask_sidecar,
                       const Options& options, SteadyClock clock)
    : executor_(std::move(executor)),
      ask_sidecar_(std::move(ask_sidecar)),
      options_(options),
      clock_(std::move(clock)),
      cache_(options.max_entries),
      timer_(executor_) {}

asio::awaitable<Standing> AclMembers::ask(nostr::PublicKey key, std::string group) {
  const auto self = shared_from_this();
  const AclPairView pair(key, group);
  if (const Standing standing = cache_.find(pair, clock_()); standing != Standing::unknown)
    co_return standing;
  auto request = request_or_deny(pair);
  if (!request) co_return Standing::unknown;
  co_return co_await Request::wait(std::move(request));
}

asio::awaitable<void> AclMembers::ask_all(std::vector<AclPair> pairs) {
  const auto self = shared_from_this();
  std::vector<RequestPtr> requests;
  for (const AclPair& pair : pairs) {
    if (cache_.find(pair, clock_()) != Standing::unknown) continue;
    if (auto request = request_or_deny(pair)) requests.push_back(std::move(request));
  }
  for (RequestPtr& request : requests) co_await Request::wait(std::move(request));
}

AclMembers::RequestPtr AclMembers::request_or_deny(AclPairView pair) {
  auto made = request(pair, options_.max_waiting);
  if (!made) ++options_.counters->denied_for_overload;
  return made;
}

AclMembers::RequestPtr AclMembers::request(AclPairView pair, std::size_t room) {
  if (const auto found = requests_.find(pair); found != requests_.end()) return found->second;
  const bool must_wait = in_flight_ >= options_.max_in_flight;
  if (must_wait && waiting_.size() >= room) return nullptr;
  auto made = std::make_shared<Request>(
      Request{.pair = {pair.key, std::string(pair.group)}, .done = asio::steady_timer(executor_)});
  made->done.expires_at(SteadyTime::max());
  requests_.emplace(made->pair, made);
  if (must_wait)
    waiting_.push_back(made);
  else
    start(made);
  return made;
}

void AclMembers::start(RequestPtr request) {
  ++in_flight_;
  auto finished = [self = shared_from_this(), request](const std::exception_ptr& failure,
                                                       Standing standing) {
    if (failure) ++self->options_.counters->failed;
    request->standing = failure ? Standing::unknown : standing;
    self->finish(*request);
  };
  asio::co_spawn(executor_, exchange(std::move(request)), std::move(finished));
}

asio::awaitable<Standing> AclMembers::exchange(RequestPtr request) {
  while (!stopped_) {
    request->outdated = false;
    ++options_.counters->asked;
    const SteadyTime asked_at = clock_();
    const auto answer = co_await ask_sidecar_(request->pair.key, request->pair.group);
    if (!answer || !request->outdated) co_return accept(*request, asked_at, answer);
  }
  co_return Standing::unknown;
}

Standing AclMembers::accept(const Request& request, SteadyTime asked_at,
                            const std::expected<AclAnswer, AclError>& answer) {
  if (!answer) {
    ++options_.counters->failed;
    return Standing::unknown;
  }
  // Reading looks at what is kept: an answer that is kept for no time would let a member write and never read.
  constexpr std::chrono::milliseconds least{1000};
  const SteadyTime now = clock_();
  const SteadyTime until =
      std::max(asked_at + std::min(answer->ttl, options_.cache_ttl), now + least);
  cache_.put(request.pair, answer->standing, asked_at,
             std::chrono::duration_cast<std::chrono::milliseconds>(until - asked_at), now);
  schedule();
  return answer->standing;
}

void AclMembers::finish(const Request& request) {
  const RequestPtr keep = std::move(requests_.extract(requests_.find(request.pair)).mapped());
  keep->done.expires_at(SteadyTime::min());
  --in_flight_;
  start_waiting();
}

void AclMembers::start_waiting() {
  while (in_flight_ < options_.max_in_flight && !waiting_.empty()) {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    start(std::move(next));
  }
}

void AclMembers::leave(const nostr::PublicKey& key) {
  const auto found = connected_.find(key);
  if (found != connected_.end() && --found->second == 0) connected_.erase(found);
}

void AclMembers::forget(std::string_view group) {
  cache_.forget_group(group);
  outdate([&](const AclPair& pair) { return pair.group == group; });
}

void AclMembers::forget(std::string_view group, const nostr::PublicKey& key) {
  cache_.forget({key, group});
  outdate([&](const AclPair& pair) { return AclPairEqual{}(pair, {key, group}); });
}

void AclMembers::forget_all() {
  cache_.forget_all();
  outdate([](const AclPair&) { return true; });
}

void AclMembers::outdate(const std::function<bool(const AclPair&)>& chosen) {
  for (const auto& [pair, request] : requests_) {
    if (chosen(pair)) request->outdated = true;
  }
  schedule();
}

void AclMembers::refresh_due() {
  armed_for_.reset();
  const auto kept = [this](const AclPair& pair, Standing standing) {
    return is_inside(standing) && connected_.contains(pair.key);
  };
  for (const AclPair& pair : cache_.take_due(clock_(), kept)) {
    // Without room the old answer simply goes on to its end, unless there is room before.
    std::ignore = request(pair, options_.max_waiting / 2);
  }
  schedule();
}

void AclMembers::stop() {
  stopped_ = true;
  forget_all();
  timer_.cancel();
}

void AclMembers::schedule() {
  if (stopped_) return;
  const auto due = cache_.next_due();
  if (!due) {
    armed_for_.reset();
    timer_.cancel();
    return;
  }
  if (armed_for_ && *armed_for_ <= *due) return;  // early is fine: it will look again
  armed_for_ = due;
  timer_.expires_after(*due - clock_());
  timer_.async_wait([weak = weak_from_this()](boost::system::error_code cancelled) {
    if (cancelled) return;
    if (const auto self = weak.lock()) self->refresh_due();
  });
}

}  // namespace extensions::mls_gateway
