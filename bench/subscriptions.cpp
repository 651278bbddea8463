// subscriptions: K distinct `#h` subscriptions, each event matches exactly one. A good index makes
// its cost flat in K.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <memory>

#include "crowd.h"
#include "publisher.h"
#include "signed_events.h"
#include "target.h"

namespace bench {
namespace {

struct Options {
  Target target;
  std::vector<std::size_t> counts = {1000, 10'000, 50'000};
  std::size_t connections = 500;
  std::size_t publishers = 4;
  EventPlan plan{.count = 5000};
  Pace pace;
};

std::vector<std::string> random_groups(std::size_t count) {
  std::vector<std::string> groups(count);
  for (auto& group : groups) group = random_hex(32);
  return groups;
}

/// Spreads the subscriptions over clients [0, connections); answers how many the relay took.
std::size_t subscribe(Crowd& crowd, const Options& options,
                      const std::vector<std::string>& groups) {
  std::size_t answered = 0, taken = 0;
  crowd.on_text([&](RelayClient&, std::string_view text) {
    const auto type = split_message(text).type;
    taken += type == "EOSE";
    answered += type == "EOSE" || type == "CLOSED" || type == "NOTICE";
  });
  for (std::size_t i = 0; i < groups.size(); ++i) {
    crowd[i % options.connections].send(text_frame(fmt::format(
        R"(["REQ","s{}",{{"kinds":[{}],"#h":["{}"]}}])", i, options.plan.kind, groups[i])));
  }
  crowd.run_until([&] { return answered >= groups.size(); });
  return taken;
}

Outcome measure(Options& options, std::size_t count) {
  const auto groups = random_groups(count);
  // A stride that shares no factor with the count visits subscriptions evenly.
  options.plan.tags = [&](std::size_t i) {
    return fmt::format(R"([["h","{}"]])", groups[i * 7919 % count]);
  };
  Signer signer;
  const auto events = prepare(signer, options.plan);
  Crowd crowd(options.target);
  const auto unused = server_usage(options.target.pid);
  const auto connections = options.connections;
  if (auto opened = crowd.open(connections + options.publishers); !opened) {
    return std::unexpected(opened.error());
  }
  const auto connected = server_usage(options.target.pid);
  progress(fmt::format("opening {} subscriptions", count));
  const std::size_t taken = subscribe(crowd, options, groups);

  Publisher publisher(crowd, connections, options.publishers, options.pace, events);
  std::size_t delivered = 0;
  crowd.on_text([&](RelayClient& client, std::string_view text) {
    const auto message = split_message(text);
    if (client.index() >= connections) return publisher.hear(client, message);
    delivered += message.type == "EVENT";
  });
  progress(fmt::format("publishing {} events", events.size()));
  const auto before = server_usage(options.target.pid);
  publisher.start();
  // Without all subscriptions not every event has a receiver: then the OKs are the end.
  const bool finished = crowd.run_until(
      [&] { return publisher.done() && (delivered >= publisher.accepted() || taken < count); });
  const auto after = server_usage(options.target.pid);

  boost::json::object report{{"subscriptions", taken},
                             {"finished", finished},
                             {"delivered", delivered},
                             {"publish", publisher.report()},
                             {"server", usage_report(before, after, publisher.accepted())}};
  if (unused && connected && before && taken > 0) {
    report["bytes_per_subscription"] =
        static_cast<double>(before->rss_bytes - connected->rss_bytes) / static_cast<double>(taken);
  }
  return report;
}

Outcome run(Options& options) {
  boost::json::array runs;
  for (const std::size_t count : options.counts) {
    auto outcome = measure(options, count);
    if (!outcome) return std::unexpected(outcome.error());
    runs.push_back(std::move(*outcome));
  }
  return boost::json::object{{"connections", options.connections},
                             {"events", options.plan.count},
                             {"runs", std::move(runs)}};
}

}  // namespace

Command add_subscriptions(CLI::App& app) {
  auto* command =
      app.add_subcommand("subscriptions", "K distinct #h subscriptions, each event matches one");
  const auto options = std::make_shared<Options>();
  add_target_options(*command, options->target);
  command->add_option("--counts", options->counts, "the values of K")
      ->delimiter(',')
      ->check(CLI::PositiveNumber);
  command->add_option("--connections", options->connections, "that subscribe")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--publishers", options->publishers, "connections that publish")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--events", options->plan.count, "for each K")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--in-flight", options->pace.in_flight, "per publisher")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--kind", options->plan.kind)->capture_default_str();
  command->add_flag("--one-time-keys", options->plan.one_time_keys, "a new key for every event");
  return {command, [options] { return run(*options); }};
}

}  // namespace bench
