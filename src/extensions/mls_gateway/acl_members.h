#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "extensions/mls_gateway/acl_cache.h"
#include "extensions/mls_gateway/acl_counters.h"

namespace extensions::mls_gateway {

/// One question to the sidecar, with a deadline of its own. What it throws counts as unreachable.
using AskSidecar = std::function<boost::asio::awaitable<std::expected<AclAnswer, AclError>>(
    nostr::PublicKey key, std::string group)>;
using SteadyClock = std::function<SteadyTime()>;

/// Who is in which group according to the sidecar (`membership = "acl"`), as one worker knows it.
///
/// Fails closed: no answer is no membership, and is never kept. Confined to the thread that runs
/// its executor, whose context must outlive it; questions under way keep it alive to their end.
class AclMembers : public std::enable_shared_from_this<AclMembers> {
  struct Private {};

 public:
  struct Options {
    std::chrono::milliseconds cache_ttl{60'000};  ///< the sidecar's ttl may only shorten it
    std::size_t max_entries = 100'000;
    std::size_t max_in_flight = 16;
    std::size_t max_waiting = 1'024;  ///< questions held back; refreshes take at most half of it
    std::shared_ptr<AclCounters> counters = std::make_shared<AclCounters>();
  };

  [[nodiscard]] static std::shared_ptr<AclMembers> make(
      boost::asio::any_io_executor executor, AskSidecar ask_sidecar, const Options& options,
      SteadyClock clock = std::chrono::steady_clock::now);
  AclMembers(Private, boost::asio::any_io_executor executor, AskSidecar ask_sidecar,
             const Options& options, SteadyClock clock);

  /// Memory only, no allocation: for every delivery. `unknown` unless an answer is still valid.
  [[nodiscard]] Standing known(const nostr::PublicKey& key, std::string_view group,
                               SteadyTime now) const {
    return cache_.find({key, group}, now);
  }

  /// What is known, else what the sidecar says; `unknown` if it gives no answer or too many
  /// questions are waiting. Those who ask the same thing at the same time share one request, which
  /// goes on when one of them gives up.
  [[nodiscard]] boost::asio::awaitable<Standing> ask(nostr::PublicKey key, std::string group);
  /// The same for all of `pairs` at once; known() has the answers.
  [[nodiscard]] boost::asio::awaitable<void> ask_all(std::vector<AclPair> pairs);

  // What is used (known()) is asked again before it ends. While a key is connected here, so is
  // every group it is in: a subscription to a quiet group must not lapse because nobody spoke.
  void join(const nostr::PublicKey& key) { ++connected_[key]; }
  /// REQUIRES: a join() of the same key.
  void leave(const nostr::PublicKey& key);

  // Takes effect at once. Questions under way are asked anew, for their answers may be older.
  void forget(std::string_view group);
  void forget(std::string_view group, const nostr::PublicKey& key);
  void forget_all();

  /// Knows nothing from now on, and asks nothing again by itself.
  void stop();

  /// Asks again about what is about to end, as the timer does; for tests with a clock of their own.
  void refresh_due();

  [[nodiscard]] const AclCounters& counters() const { return *options_.counters; }
  [[nodiscard]] std::size_t size() const { return cache_.size(); }

 private:
  struct Request;
  using RequestPtr = std::shared_ptr<Request>;

  /// The request for `pair`, under way or new; nullptr when `room` questions or more are waiting.
  [[nodiscard]] RequestPtr request(AclPairView pair, std::size_t room);
  [[nodiscard]] RequestPtr request_or_deny(AclPairView pair);
  void start(RequestPtr request);
  [[nodiscard]] boost::asio::awaitable<Standing> exchange(RequestPtr request);
  [[nodiscard]] Standing accept(const Request& request, SteadyTime asked_at,
                                const std::expected<AclAnswer, AclError>& answer);
  void finish(const Request& request);
  void start_waiting();
  void outdate(const std::function<bool(const AclPair&)>& chosen);
  /// Sees to it that the timer runs exactly while there are entries, and for the first one due.
  void schedule();

  boost::asio::any_io_executor executor_;
  AskSidecar ask_sidecar_;
  Options options_;
  SteadyClock clock_;
  AclCache cache_;
  std::unordered_map<nostr::PublicKey, std::size_t> connected_;
  AclPairMap<RequestPtr> requests_;  ///< in flight and waiting
  std::deque<RequestPtr> waiting_;
  std::size_t in_flight_ = 0;
  boost::asio::steady_timer timer_;
  std::optional<SteadyTime> armed_for_;
  bool stopped_ = false;
};

}  // namespace extensions::mls_gateway
