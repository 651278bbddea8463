// publish: how many events a second the relay accepts, and what each costs it.
#include <fmt/format.h>

#include <memory>

#include "crowd.h"
#include "publisher.h"
#include "signed_events.h"
#include "target.h"

namespace bench {
namespace {

struct Options {
  Target target;
  EventPlan plan{.count = 50'000};
  std::size_t connections = 8;
  Pace pace;
  std::string group;
};

std::string tags_of(const Options& options) {
  return options.group.empty() ? R"([["t","bench"]])"
                               : fmt::format(R"([["h","{}"]])", options.group);
}

Outcome run(Options& options) {
  Crowd crowd(options.target);
  if (auto opened = crowd.open(options.connections); !opened) {
    return std::unexpected(opened.error());
  }
  options.plan.tags = [tags = tags_of(options)](std::size_t) { return tags; };
  Signer signer;
  const auto events = prepare(signer, options.plan);
  Publisher publisher(crowd, 0, options.connections, options.pace, events);
  crowd.on_text([&publisher](RelayClient& client, std::string_view text) {
    publisher.hear(client, split_message(text));
  });
  progress(fmt::format("publishing {} events", events.size()));
  const auto before = server_usage(options.target.pid);
  publisher.start();
  const bool finished = crowd.run_until([&publisher] { return publisher.done(); });
  const auto after = server_usage(options.target.pid);

  boost::json::object report{{"connections", options.connections},
                             {"in_flight", options.pace.in_flight},
                             {"rate", options.pace.per_second},
                             {"kind", options.plan.kind},
                             {"frame_bytes", events.empty() ? 0 : events.back().frame.size()},
                             {"finished", finished && crowd.lost() == 0},
                             {"elapsed_s", publisher.elapsed_s()}};
  for (const auto& [name, value] : publisher.report()) report[name] = value;
  report["server"] = usage_report(before, after, publisher.accepted());
  return report;
}

}  // namespace

Command add_publish(CLI::App& app) {
  auto* command =
      app.add_subcommand("publish", "N signed events over C connections, D in flight each");
  const auto options = std::make_shared<Options>();
  add_target_options(*command, options->target);
  command->add_option("--events", options->plan.count)
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--connections", options->connections)
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--in-flight", options->pace.in_flight, "per connection")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--rate", options->pace.per_second,
                      "events a second in all, instead of --in-flight");
  command->add_option("--kind", options->plan.kind)->capture_default_str();
  command->add_option("--content-bytes", options->plan.content_bytes)->capture_default_str();
  command->add_option("--group", options->group, "value of an h tag (default: a t tag)");
  command->add_flag("--one-time-keys", options->plan.one_time_keys, "a new key for every event");
  return {command, [options] { return run(*options); }};
}

}  // namespace bench
