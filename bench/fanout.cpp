// fanout: every event goes to every subscriber. Deliveries a second, what each costs, and whether
// any is missing.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "crowd.h"
#include "publisher.h"
#include "signed_events.h"
#include "target.h"

namespace bench {
namespace {

struct Options {
  Target target;
  std::size_t subscribers = 1000;
  std::size_t publishers = 1;
  EventPlan plan{.count = 500};
  Pace pace;
  std::string tag = "t";
};

/// What the subscribers, clients [0, subscribers) of the crowd, are sent: each event once, if all
/// is well.
class Deliveries {
 public:
  Deliveries(const Publisher& publisher, std::size_t events, std::size_t subscribers)
      : publisher_(publisher), events_(events), seen_(events * subscribers) {
    latencies_ns_.reserve(seen_.size());
  }

  void hear(const RelayClient& client, const RelayMessage& message) {
    if (message.type != "EVENT") return;
    const auto index = publisher_.index_of(event_key_in(message.rest));
    if (!index) return;
    last_ns_ = now_ns();
    auto seen = seen_[client.index() * events_ + *index];
    duplicates_ += seen;
    if (!seen) latencies_ns_.push_back(last_ns_ - publisher_.sent_ns(*index));
    seen = true;
  }

  /// All are there, or none has come for so long that none will.
  [[nodiscard]] bool over() const {
    return latencies_ns_.size() == seen_.size() || now_ns() - last_ns_ > silence_ns;
  }
  [[nodiscard]] std::size_t count() const { return latencies_ns_.size(); }
  [[nodiscard]] std::size_t duplicates() const { return duplicates_; }
  [[nodiscard]] std::int64_t last_ns() const { return last_ns_; }
  [[nodiscard]] boost::json::object latency() { return latency_report(latencies_ns_); }

 private:
  static constexpr std::int64_t silence_ns = 5'000'000'000;

  const Publisher& publisher_;
  const std::size_t events_;
  std::vector<bool> seen_;  // by subscriber, then event
  std::vector<std::int64_t> latencies_ns_;
  std::size_t duplicates_ = 0;
  std::int64_t last_ns_ = now_ns();
};

/// Subscribes clients [0, subscribers); answers how many the relay took.
std::size_t subscribe(Crowd& crowd, std::size_t subscribers, const std::string& request) {
  std::size_t subscribed = 0, closed = 0;
  crowd.on_text([&](RelayClient&, std::string_view text) {
    const auto type = split_message(text).type;
    subscribed += type == "EOSE";
    closed += type == "CLOSED";
  });
  for (std::size_t i = 0; i < subscribers; ++i) crowd[i].send(request);
  crowd.run_until([&] { return subscribed + closed + crowd.lost() >= subscribers; });
  return subscribed;
}

Outcome measure(Crowd& crowd, const Options& options, const std::vector<PreparedEvent>& events) {
  const std::size_t subscribers = options.subscribers;
  Publisher publisher(crowd, subscribers, options.publishers, options.pace, events);
  Deliveries deliveries(publisher, events.size(), subscribers);
  crowd.on_text([&](RelayClient& client, std::string_view text) {
    const auto message = split_message(text);
    if (client.index() < subscribers) return deliveries.hear(client, message);
    publisher.hear(client, message);
  });
  progress(fmt::format("{} events to {} subscribers", events.size(), subscribers));
  const auto before = server_usage(options.target.pid);
  const auto started_ns = now_ns();
  publisher.start();
  const bool finished = crowd.run_until([&] { return publisher.done() && deliveries.over(); });
  const auto after = server_usage(options.target.pid);

  const double elapsed_s = static_cast<double>(deliveries.last_ns() - started_ns) / 1e9;
  const auto received = deliveries.count();
  const auto expected = std::max(received, publisher.accepted() * subscribers);
  return boost::json::object{{"subscribers", subscribers},
                             {"events", events.size()},
                             {"rate", options.pace.per_second},
                             {"frame_bytes", events.back().frame.size()},
                             {"finished", finished},
                             {"elapsed_s", elapsed_s},
                             {"deliveries", received},
                             {"lost", expected - received},
                             {"duplicates", deliveries.duplicates()},
                             {"connections_lost", crowd.lost()},
                             {"deliveries_per_second", static_cast<double>(received) / elapsed_s},
                             {"delivery_latency", deliveries.latency()},
                             {"publish", publisher.report()},
                             {"server", usage_report(before, after, received)}};
}

Outcome run(Options& options) {
  Crowd crowd(options.target);
  if (auto opened = crowd.open(options.subscribers + options.publishers); !opened) {
    return std::unexpected(opened.error());
  }
  // A value no earlier run has used: nothing stored can match.
  const std::string value = random_hex(32);
  options.plan.tags = [&](std::size_t) {
    return fmt::format(R"([["{}","{}"]])", options.tag, value);
  };
  Signer signer;
  const auto events = prepare(signer, options.plan);
  const auto subscribed =
      subscribe(crowd, options.subscribers,
                text_frame(fmt::format(R"(["REQ","fanout",{{"kinds":[{}],"#{}":["{}"]}}])",
                                       options.plan.kind, options.tag, value)));
  if (subscribed < options.subscribers) {
    return std::unexpected(
        fmt::format("{} of {} subscriptions opened", subscribed, options.subscribers));
  }
  return measure(crowd, options, events);
}

}  // namespace

Command add_fanout(CLI::App& app) {
  auto* command = app.add_subcommand(
      "fanout", "M events, each to S subscribers with a connection of their own");
  const auto options = std::make_shared<Options>();
  add_target_options(*command, options->target);
  command->add_option("--subscribers", options->subscribers)
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--publishers", options->publishers, "connections that publish")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--events", options->plan.count)
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--rate", options->pace.per_second,
                      "events a second; default: as fast as acknowledged");
  command->add_option("--in-flight", options->pace.in_flight, "per publisher, without --rate")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--kind", options->plan.kind)->capture_default_str();
  command->add_option("--tag", options->tag, "the letter subscribed to")->capture_default_str();
  command->add_option("--content-bytes", options->plan.content_bytes)->capture_default_str();
  return {command, [options] { return run(*options); }};
}

}  // namespace bench
