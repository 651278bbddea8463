#pragma once
// What the gate costs: the same traffic on two relays of one build, with the gate and without it.
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "crowd.h"
#include "publisher.h"
#include "signed_events.h"
#include "target.h"

namespace bench {

inline constexpr int group_message_kind = 445;

/// The relays to compare, as given on the command line.
struct Relays {
  Target gated{};
  Target plain{.url = "ws://127.0.0.1:8081"};
  std::size_t rounds = 5;
};

void add_relays_options(CLI::App& app, Relays& relays);

/// Clients [first, first + count) of a crowd.
struct Clients {
  std::size_t first = 0, count = 0;
};

/// What a round came to, per event published or, when each is delivered more than once, per
/// delivery.
struct Figure {
  double per_second = 0;
  double cpu_us_each = 0;  ///< of the server; 0 = not known
};

/// One of the relays and the connections to it. One thread; what goes wrong is a sentence.
class Side {
 public:
  using Done = std::expected<void, std::string>;

  explicit Side(const Target& target);
  Side(const Side&) = delete;
  Side& operator=(const Side&) = delete;

  /// Opens so many more, and waits for their challenges (NIP-42).
  [[nodiscard]] Done open(std::size_t count);
  /// Queued until settle().
  void prove(std::size_t client, const Signer& signer);
  void subscribe(std::size_t client, std::string_view filter);
  /// Until everything queued is answered; the error is the first refusal.
  [[nodiscard]] Done settle();

  /// Ends when each event is acknowledged and has been delivered `copies` times.
  [[nodiscard]] std::expected<Figure, std::string> publish(const std::vector<PreparedEvent>& events,
                                                           Clients publishers, Pace pace,
                                                           std::size_t copies);

  [[nodiscard]] std::size_t size() const { return crowd_.size(); }
  [[nodiscard]] const std::string& url() const { return target_.url; }

 private:
  void queue(std::size_t client, const std::string& message);
  void hear(const RelayClient& client, const RelayMessage& message);

  const Target target_;
  Crowd crowd_;
  std::vector<std::string> challenges_;  // by client
  std::size_t challenged_ = 0, pending_ = 0, subscriptions_ = 0;
  std::string first_refusal_;
};

struct Sides {
  explicit Sides(const Relays& relays) : gated(relays.gated), plain(relays.plain) {}
  Side gated, plain;

  /// The same on both, gated first.
  template <typename Work>
  [[nodiscard]] Side::Done both(Work work) {
    auto done = work(gated);
    return done ? work(plain) : done;
  }
};

/// Each round's events, the same for both relays.
struct Traffic {
  std::vector<std::vector<PreparedEvent>> rounds{};
  Clients publishers{};
  Pace pace{};
  std::size_t copies = 0;  ///< deliveries of each event
};

/// Signs `rounds` rounds of `plan` and one more to warm up.
[[nodiscard]] Traffic make_traffic(const EventPlan& plan, std::size_t rounds);

/// Publishes every round on both relays, who is first changing from round to round: the medians,
/// and the median of what the gate adds within a round.
[[nodiscard]] Outcome compare(Sides& sides, const Traffic& traffic);

/// Groups by random ids, and one roster event each that founds it with the members whose `p` tags
/// `members_of(i)` gives (JSON, each behind a comma).
struct Founding {
  std::vector<std::string> groups;
  std::vector<PreparedEvent> events;
};
[[nodiscard]] Founding found_groups(Signer& founder, std::size_t count,
                                    const std::function<std::string(std::size_t)>& members_of);

/// A `p` tag behind a comma.
[[nodiscard]] std::string member_tag(const Signer& member);

/// A filter for the messages of one group.
[[nodiscard]] std::string messages_of(std::string_view group);

/// Messages into the groups in turn, by keys of one use.
[[nodiscard]] EventPlan messages_into(const std::vector<std::string>& groups, std::size_t count,
                                      std::size_t content_bytes);

[[nodiscard]] double median(std::vector<double> values);

}  // namespace bench
