// gateway-bench: a load tool for any Nostr relay. Results are JSON on stdout, progress goes to
// stderr.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "target.h"

namespace {

/// As Boost.JSON would, but with numbers that people can read: three decimals, no exponents, null
/// for 0/0.
void append_json(std::string& out, const boost::json::value& value) {
  if (const auto* number = value.if_double()) {
    out += std::isfinite(*number) ? fmt::format("{:.3f}", *number) : "null";
  } else if (const auto* object = value.if_object()) {
    char before = '{';
    for (const auto& [name, member] : *object) {
      out += std::exchange(before, ',') + boost::json::serialize(name) + ':';
      append_json(out, member);
    }
    out += object->empty() ? "{}" : "}";
  } else if (const auto* array = value.if_array()) {
    char before = '[';
    for (const auto& element : *array) {
      out += std::exchange(before, ',');
      append_json(out, element);
    }
    out += array->empty() ? "[]" : "]";
  } else {
    out += boost::json::serialize(value);
  }
}

constexpr auto examples = R"(Examples:
  gateway-bench limits
  gateway-bench publish --url ws://127.0.0.1:7777 --pid $(pidof strfry) --connections 64 --in-flight 32
  gateway-bench publish --kind 445 --group h --one-time-keys
  gateway-bench fanout --subscribers 1000 --events 500 --rate 20
  gateway-bench idle --connections 10000 --auth --sources 8
  gateway-bench subscriptions --counts 1000,10000,50000 --connections 500
  gateway-bench query --connections 1 --limit 500
  gateway-bench gate-publish --url ws://127.0.0.1:8080 --pid 71 --plain-url ws://127.0.0.1:8081 --plain-pid 72
  gateway-bench gate-fanout --members 1000 --rate 20
  gateway-bench gate-groups --groups 100000 --connections 1000
The gate-… works compare two relays of one build, the second with [extensions.mls_gateway] enabled = false.
Server CPU is reported when --pid names the relay's process on this machine. Latencies include this tool's own
queueing: it is one thread, so give it a core of its own.)";

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Load for a Nostr relay; one subcommand per kind of work.", "gateway-bench");
  app.require_subcommand(1);
  app.footer(examples);
  const std::vector<bench::Command> commands = {
      bench::add_publish(app),       bench::add_fanout(app),      bench::add_idle(app),
      bench::add_subscriptions(app), bench::add_query(app),       bench::add_limits(app),
      bench::add_gate_publish(app),  bench::add_gate_fanout(app), bench::add_gate_groups(app)};
  CLI11_PARSE(app, argc, argv);

  const auto command = std::ranges::find_if(
      commands, [](const bench::Command& candidate) { return candidate.app->parsed(); });
  const bench::Outcome outcome = command->run();
  if (!outcome) {
    fmt::print(stderr, "gateway-bench: {}\n", outcome.error());
    return 1;
  }
  boost::json::object report{{"work", command->app->get_name()}};
  for (const auto& [name, value] : *outcome) report[name] = value;
  std::string text;
  append_json(text, report);
  fmt::print("{}\n", text);
  return 0;
}
