#pragma once
// Who sends an HTTP request: a signed event in its Authorization header (NIP-98), each good for one request.
#include <expected>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "nostr/client_message.h"
#include "nostr/verify.h"
#include "relay/extension/http_api.h"

namespace relay {

/// The events that were used. Thread-safe: one for all workers, so that none is taken twice.
class UsedHttpAuths {
 public:
  enum class Use { first, again, full };
  /// `until`: when the event is too old to be taken. Bounded: `full` when too many are younger than that.
  [[nodiscard]] Use use(const nostr::EventId& id, base::UnixSeconds now, base::UnixSeconds until);

 private:
  static constexpr std::size_t max_ids = 100'000;

  std::mutex mutex_;
  std::unordered_map<nostr::EventId, base::UnixSeconds> until_;
  base::UnixSeconds next_sweep_ = 0;
};

/// A worker's. Not thread-safe.
class HttpAuth {
 public:
  HttpAuth(const base::Limits& limits, base::Clock clock, std::shared_ptr<UsedHttpAuths> used);

  /// The relay's own URLs from now on.
  void accept(std::vector<std::string> urls) { urls_ = std::move(urls); }

  /// The key that signed this request. The error is the answer to give: 401 with the remedy, or 503 when too many come.
  [[nodiscard]] std::expected<nostr::PublicKey, HttpResponse> authenticate(
      const HttpRequest& request);

 private:
  [[nodiscard]] std::expected<nostr::Event, std::string> signed_event(const HttpRequest& request);

  const base::Clock clock_;
  nostr::MessageParser parser_;
  nostr::Verifier verifier_;
  std::vector<std::string> urls_;
  const std::shared_ptr<UsedHttpAuths> used_;
};

}  // namespace relay
