#pragma once
// Clients that call over HTTP: let in as a connection is that proves the same key, for one request.
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nostr/event.h"
#include "nostr/filter.h"
#include "relay/extension/http_api.h"
#include "relay/extension/verdict.h"

namespace relay {

/// A place in events that are read oldest first; of one second the highest id comes first.
struct ReadPosition {
  base::UnixSeconds created_at = 0;
  nostr::EventId id{};
};

struct ReadRequest {
  std::vector<nostr::Filter> filters;      ///< that search nothing; their limits are ignored
  std::optional<ReadPosition> after = {};  ///< strictly behind this place
  std::size_t max_events = 100;            ///< at least 1
};

struct ReadPage {
  std::vector<nostr::EventPtr> events;  ///< oldest first, each once; about 1 MiB at most
  /// Resume here; nullopt: nothing more. A page may be empty and still have a next. It names no event but one that was
  /// shown.
  std::optional<ReadPosition> next;
};

/// A viewer with one key, until it is destroyed. Confined to its worker's thread.
class HttpVisit {
 public:
  virtual ~HttpVisit() = default;
  [[nodiscard]] virtual const nostr::PublicKey& key() const = 0;

  /// What a REQ of these filters would show this viewer now: admitted as one, each event through the same read decision,
  /// made after everything that had to be waited for. The error is a reason with its prefix; also when something could not be
  /// decided, so that no page lacks it silently.
  [[nodiscard]] virtual boost::asio::awaitable<std::expected<ReadPage, std::string>> read(
      ReadRequest request) = 0;
  /// May it be here still, and write events of this kind as their author, as far as key and kind go? For what it changes
  /// without one.
  [[nodiscard]] virtual Verdict may_write(nostr::Kind kind) = 0;
};

/// A worker's. Confined to its thread.
class HttpVisits {
 public:
  virtual ~HttpVisits() = default;
  [[nodiscard]] virtual base::UnixSeconds now() const = 0;

  /// Asked once it is known whose request it is, before anything is done for that key: the answer to give instead.
  using Charge = std::function<std::optional<HttpResponse>(const nostr::PublicKey&)>;
  /// Lets in whoever signed the request (HttpAuth), if the extensions take a connection from this address and this key. The
  /// error is the answer to give. What is lent outlives the call.
  [[nodiscard]] virtual boost::asio::awaitable<
      std::expected<std::unique_ptr<HttpVisit>, HttpResponse>>
  admit(const HttpRequest& request, const Charge& charge) = 0;
};

}  // namespace relay
