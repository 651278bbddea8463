#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/web_socket.h"
#include "nostr/filter.h"
#include "nostr/negentropy.h"
#include "nostr/relay_message_reader.h"

namespace client {

/// Why a conversation with a relay ended.
struct Failure {
  std::string reason;    ///< a sentence
  bool lasting = false;  ///< the same again would end alike
};

template <typename T>
using Outcome = boost::asio::awaitable<std::expected<T, Failure>>;

/// What a relay made of an event that it was sent.
struct Verdict {
  nostr::EventId id;
  bool accepted = false;
  std::string reason;
};

/// A relay that we ask, one question at a time. It is a stranger: nothing it says is believed further than its bytes go.
class Peer {
 public:
  [[nodiscard]] static Outcome<std::unique_ptr<Peer>> connect(std::string_view url,
                                                              WebSocket::Options options);

  /// What of `filter` (as JSON) is only here or only there (NIP-77); each id once, in order.
  [[nodiscard]] Outcome<nostr::negentropy::Difference> reconcile(
      std::string_view filter, const nostr::negentropy::Items& items);
  /// Those of `ids` that the relay gives, not verified, each once. `filter` matches them all: some events are only given to
  /// those who name their group.
  [[nodiscard]] Outcome<std::vector<nostr::Event>> fetch(const nostr::Filter& filter,
                                                         std::span<const nostr::EventId> ids);
  /// One verdict for each event.
  [[nodiscard]] Outcome<std::vector<Verdict>> publish(std::span<const nostr::EventPtr> events);
  [[nodiscard]] boost::asio::awaitable<void> close() { return socket_->close(); }

 private:
  explicit Peer(std::unique_ptr<WebSocket> socket) : socket_(std::move(socket)) {}

  [[nodiscard]] Outcome<void> send(std::string text);
  [[nodiscard]] Outcome<nostr::RelayAnswer> receive();
  /// The relay's next word in the reconciliation.
  [[nodiscard]] Outcome<nostr::negentropy::Bytes> next_neg_message();

  std::unique_ptr<WebSocket> socket_;
  nostr::RelayMessageReader reader_;
  std::size_t fetches_ = 0;
};

}  // namespace client
