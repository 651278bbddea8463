// gate-publish: what it costs to let members, and nobody else, write to a gated group.
#include <memory>

#include "gate.h"

namespace bench {
namespace {

struct Options {
  Relays relays;
  std::size_t connections = 8;
  std::size_t groups = 100;
  std::size_t events = 8000;
  std::size_t content_bytes = 400;
  Pace pace;
};

Outcome run(const Options& options) {
  std::vector<Signer> members(options.connections);
  std::string tags;
  for (const Signer& member : members) tags += member_tag(member);
  const auto founding =
      found_groups(members.front(), options.groups, [&](std::size_t) { return tags; });

  Sides sides(options.relays);
  const auto ready = sides.both([&](Side& side) -> Side::Done {
    if (auto opened = side.open(members.size()); !opened) return opened;
    for (std::size_t i = 0; i < members.size(); ++i) side.prove(i, members[i]);
    if (auto proved = side.settle(); !proved) return proved;
    const auto founded = side.publish(founding.events, {0, 1}, options.pace, 0);
    return founded ? Side::Done{} : std::unexpected(founded.error());
  });
  if (!ready) return std::unexpected(ready.error());

  Traffic traffic = make_traffic(
      messages_into(founding.groups, options.events, options.content_bytes), options.relays.rounds);
  traffic.publishers = {0, members.size()};
  traffic.pace = options.pace;
  auto report = compare(sides, traffic);
  if (report) report->emplace("connections", options.connections);
  return report;
}

}  // namespace

Command add_gate_publish(CLI::App& app) {
  auto* command = app.add_subcommand(
      "gate-publish", "members publish into gated groups, against a relay without the gate");
  const auto options = std::make_shared<Options>();
  add_relays_options(*command, options->relays);
  command->add_option("--connections", options->connections, "of one member each")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  command->add_option("--groups", options->groups)
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--events", options->events, "a round")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--in-flight", options->pace.in_flight, "per connection")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--content-bytes", options->content_bytes)->capture_default_str();
  return {command, [options] { return run(*options); }};
}

}  // namespace bench
