// gate-fanout: what it costs to ask, at each delivery, whether the subscriber is a member.
#include <memory>

#include "gate.h"

namespace bench {
namespace {

struct Options {
  Relays relays;
  std::size_t members = 1000;
  std::size_t events = 300;
  std::size_t content_bytes = 400;
  Pace pace;
};

Outcome run(const Options& options) {
  std::vector<Signer> members(options.members + 1);
  Signer& publisher = members.back();
  std::string tags;
  for (const Signer& member : members) tags += member_tag(member);
  const auto founding = found_groups(publisher, 1, [&](std::size_t) { return tags; });

  Sides sides(options.relays);
  const auto ready = sides.both([&](Side& side) -> Side::Done {
    if (auto opened = side.open(members.size()); !opened) return opened;
    for (std::size_t i = 0; i < members.size(); ++i) side.prove(i, members[i]);
    if (auto proved = side.settle(); !proved) return proved;
    const auto founded = side.publish(founding.events, {options.members, 1}, {}, 0);
    if (!founded) return std::unexpected(founded.error());
    for (std::size_t i = 0; i < options.members; ++i)
      side.subscribe(i, messages_of(founding.groups.front()));
    return side.settle();
  });
  if (!ready) return std::unexpected(ready.error());

  Traffic traffic = make_traffic(
      messages_into(founding.groups, options.events, options.content_bytes), options.relays.rounds);
  traffic.publishers = {options.members, 1};
  traffic.pace = options.pace;
  traffic.copies = options.members;
  return compare(sides, traffic);
}

}  // namespace

Command add_gate_fanout(CLI::App& app) {
  auto* command = app.add_subcommand(
      "gate-fanout", "messages to M members of one group, against a relay without the gate");
  const auto options = std::make_shared<Options>();
  add_relays_options(*command, options->relays);
  command->add_option("--members", options->members, "each on a connection of its own")
      ->capture_default_str()
      ->check(CLI::Range(1, 4900));
  command->add_option("--events", options->events, "a round")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--rate", options->pace.per_second,
                      "events a second; default: as fast as acknowledged");
  command->add_option("--in-flight", options->pace.in_flight, "without --rate")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--content-bytes", options->content_bytes)->capture_default_str();
  return {command, [options] { return run(*options); }};
}

}  // namespace bench
