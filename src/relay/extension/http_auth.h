#pragma once
// Who sends an HTTP request: a signed event in its Authorization header (NIP-98), each good for one request.
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/budgets.h"
#include "base/clock.h"
#include "nostr/client_message.h"
#include "nostr/nip98.h"
#include "nostr/verify.h"
#include "relay/extension/http_api.h"

namespace relay {

/// The events that were used. Thread-safe: one for all workers, so that none is taken twice. Keys cost nothing, addresses
/// do: charge() leaves one client a small share of the places.
class UsedHttpAuths {
 public:
  enum class Use { first, again, full };
  /// One that anybody may have made, or one that the relay was told of: for those some places are kept.
  enum class Key { any, known };
  /// `until`: when the event is too old to be taken. Bounded: `full` when too many are younger than that.
  [[nodiscard]] Use use(const nostr::EventId& id, base::UnixSeconds now, base::UnixSeconds until,
                        Key key = Key::any);

  /// One signed request from this client (IpAddress::client). The seconds to wait, or nullopt when it is paid for.
  [[nodiscard]] std::optional<base::UnixSeconds> charge(const base::IpAddress& peer,
                                                        base::UnixSeconds now);

 private:
  static constexpr std::size_t max_ids = 100'000, kept_for_known = 1'000;
  // No event is remembered for longer than that.
  static constexpr base::Budgets::Rate of_address{1'000, 2 * nostr::http_auth_max_age_s};

  std::mutex mutex_;
  std::unordered_map<nostr::EventId, base::UnixSeconds> until_;
  base::UnixSeconds next_sweep_ = 0;
  base::Budgets budgets_{1 << 14};  // 128 KiB
};

/// A worker's. Not thread-safe.
class HttpAuth {
 public:
  HttpAuth(const base::Limits& limits, base::Clock clock, std::shared_ptr<UsedHttpAuths> used);

  /// The relay's own URLs from now on.
  void accept(std::vector<std::string> urls) { urls_ = std::move(urls); }

  /// The key that signed this request, which is used from now on. The error is the answer to give: 401 with the remedy,
  /// 429 when too many come from this address, 503 from all.
  [[nodiscard]] std::expected<nostr::PublicKey, HttpResponse> authenticate(
      const HttpRequest& request);

  // For whoever knows which keys may call: of all others nothing is remembered.
  /// The event that signed this request, used or not. The error is 401.
  [[nodiscard]] std::expected<nostr::Event, HttpResponse> verify(const HttpRequest& request);
  /// Uses an event of verify() by such a key. The answer to give instead: 401 when it was used already, or 503.
  [[nodiscard]] std::optional<HttpResponse> use(const nostr::Event& event,
                                                UsedHttpAuths::Key key = UsedHttpAuths::Key::known);

 private:
  /// What says that it signed this request; the signature is not checked.
  [[nodiscard]] std::expected<nostr::Event, HttpResponse> claimed(const HttpRequest& request);
  [[nodiscard]] std::expected<nostr::Event, std::string> given_event(const HttpRequest& request);

  const base::Clock clock_;
  nostr::MessageParser parser_;
  nostr::Verifier verifier_;
  std::vector<std::string> urls_;
  const std::shared_ptr<UsedHttpAuths> used_;
};

}  // namespace relay
