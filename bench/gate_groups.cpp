// gate-groups: very many groups, each with a subscriber: what a message into one of them costs, and
// how long AUTH takes for a key that is in many.
#include <fmt/format.h>

#include <memory>

#include "gate.h"

namespace bench {
namespace {

constexpr std::size_t auths = 21;

struct Options {
  Relays relays;
  std::size_t groups = 100'000;
  std::size_t connections = 1000;
  std::size_t publishers = 4;
  std::size_t events = 5000;
  std::size_t content_bytes = 400;
  std::size_t key_groups = 1000;
  Pace pace;
};

/// Who is in which group: subscriber i % connections, the founder in all, one key in the first
/// `key_groups`, one in none.
struct Cast {
  explicit Cast(std::size_t connections) : subscribers(connections) {}
  std::vector<Signer> subscribers;
  Signer founder, in_some, in_none;
};

Side::Done set_up(Side& side, const Cast& cast, const Founding& founding, const Options& options) {
  const std::size_t connections = options.connections;
  if (auto opened = side.open(connections + options.publishers); !opened) return opened;
  for (std::size_t i = 0; i < side.size(); ++i)
    side.prove(i, i < connections ? cast.subscribers[i] : cast.founder);
  if (auto proved = side.settle(); !proved) return proved;
  progress(fmt::format("founding {} groups", founding.groups.size()));
  const auto founded =
      side.publish(founding.events, {connections, options.publishers}, options.pace, 0);
  if (!founded) return std::unexpected(founded.error());
  progress(fmt::format("opening {} subscriptions", founding.groups.size()));
  for (std::size_t i = 0; i < founding.groups.size(); ++i)
    side.subscribe(i % connections, messages_of(founding.groups[i]));
  return side.settle();
}

/// Milliseconds from AUTH to its OK, the median; each on a new connection.
std::expected<double, std::string> auth_ms(Side& side, const Signer& signer) {
  const std::size_t first = side.size();
  if (auto opened = side.open(auths); !opened) return std::unexpected(opened.error());
  std::vector<double> times_ms;
  for (std::size_t i = 0; i < auths; ++i) {
    const auto started_ns = now_ns();
    side.prove(first + i, signer);
    if (auto proved = side.settle(); !proved) return std::unexpected(proved.error());
    times_ms.push_back(static_cast<double>(now_ns() - started_ns) / 1e6);
  }
  return median(std::move(times_ms));
}

Outcome auth_report(Sides& sides, const Cast& cast) {
  boost::json::object report;
  const auto add = [&](std::string_view name, Side& side, const Signer& signer) -> Side::Done {
    const auto time_ms = auth_ms(side, signer);
    if (!time_ms) return std::unexpected(time_ms.error());
    report[name] = *time_ms;
    return {};
  };
  for (const auto& done :
       {add("plain", sides.plain, cast.in_none), add("in_no_group", sides.gated, cast.in_none),
        add("in_key_groups", sides.gated, cast.in_some),
        add("in_all_groups", sides.gated, cast.founder)}) {
    if (!done) return std::unexpected(done.error());
  }
  return report;
}

Outcome run(const Options& options) {
  Cast cast(options.connections);
  const auto founding = found_groups(cast.founder, options.groups, [&](std::size_t i) {
    return member_tag(cast.subscribers[i % options.connections]) +
           (i < options.key_groups ? member_tag(cast.in_some) : "");
  });
  Sides sides(options.relays);
  const auto ready = sides.both([&](Side& side) { return set_up(side, cast, founding, options); });
  if (!ready) return std::unexpected(ready.error());

  Traffic traffic = make_traffic(
      messages_into(founding.groups, options.events, options.content_bytes), options.relays.rounds);
  traffic.publishers = {options.connections, options.publishers};
  traffic.pace = options.pace;
  traffic.copies = 1;
  auto report = compare(sides, traffic);
  if (!report) return report;
  auto auth = auth_report(sides, cast);
  if (!auth) return auth;
  report->emplace("groups", options.groups);
  report->emplace("key_groups", options.key_groups);
  report->emplace("auth_ms", *std::move(auth));
  return report;
}

}  // namespace

Command add_gate_groups(CLI::App& app) {
  auto* command = app.add_subcommand(
      "gate-groups", "N groups with a subscriber each, against a relay without the gate; and AUTH");
  const auto options = std::make_shared<Options>();
  add_relays_options(*command, options->relays);
  command->add_option("--groups", options->groups)
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--connections", options->connections, "that subscribe")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--publishers", options->publishers, "connections that publish")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--events", options->events, "a round")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--key-groups", options->key_groups, "groups of the key whose AUTH is timed")
      ->capture_default_str();
  command->add_option("--in-flight", options->pace.in_flight, "per publisher")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--content-bytes", options->content_bytes)->capture_default_str();
  return {command, [options] { return run(*options); }};
}

}  // namespace bench
