// query: stored events of one author, read again and again up to a limit.
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
  EventPlan plan{.count = 2000};
  std::size_t connections = 1;
  std::size_t queries = 2000;
  std::size_t limit = 100;
};

/// Each client asks, reads up to EOSE, closes and asks again, until all queries are made.
class Readers {
 public:
  Readers(std::string request, std::size_t queries)
      : request_(std::move(request)), queries_(queries) {}

  void ask(RelayClient& client) {
    if (asked_ == queries_) return;
    ++asked_;
    asked_ns_.resize(std::max(asked_ns_.size(), client.index() + 1));
    asked_ns_[client.index()] = now_ns();
    client.send(request_);
  }

  void hear(RelayClient& client, const RelayMessage& message) {
    events_ += message.type == "EVENT";
    if (message.type != "EOSE" && message.type != "CLOSED") return;
    refused_ += message.type == "CLOSED";
    latencies_ns_.push_back(now_ns() - asked_ns_[client.index()]);
    if (message.type == "EOSE") client.send(close_);
    ask(client);
  }

  [[nodiscard]] bool done() const { return latencies_ns_.size() == queries_; }
  [[nodiscard]] std::size_t answered() const { return latencies_ns_.size(); }
  [[nodiscard]] std::size_t refused() const { return refused_; }
  [[nodiscard]] std::size_t events() const { return events_; }
  [[nodiscard]] boost::json::object latency() { return latency_report(latencies_ns_); }

 private:
  const std::string request_, close_ = text_frame(R"(["CLOSE","q"])");
  const std::size_t queries_;
  std::size_t asked_ = 0, refused_ = 0, events_ = 0;
  std::vector<std::int64_t> asked_ns_, latencies_ns_;
};

Outcome run(Options& options) {
  Crowd crowd(options.target);
  if (auto opened = crowd.open(options.connections); !opened) {
    return std::unexpected(opened.error());
  }
  options.plan.tags = [](std::size_t) { return "[]"; };
  Signer signer;
  const auto events = prepare(signer, options.plan);
  Publisher publisher(crowd, 0, options.connections, {}, events);
  crowd.on_text([&publisher](RelayClient& client, std::string_view text) {
    publisher.hear(client, split_message(text));
  });
  progress(fmt::format("storing {} events", events.size()));
  publisher.start();
  crowd.run_until([&publisher] { return publisher.done(); });

  Readers readers(text_frame(fmt::format(R"(["REQ","q",{{"authors":["{}"],"limit":{}}}])",
                                         signer.public_key(), options.limit)),
                  options.queries);
  crowd.on_text([&readers](RelayClient& client, std::string_view text) {
    readers.hear(client, split_message(text));
  });
  progress(fmt::format("{} queries", options.queries));
  const auto before = server_usage(options.target.pid);
  const auto started_ns = now_ns();
  for (std::size_t i = 0; i < crowd.size(); ++i) readers.ask(crowd[i]);
  const bool finished =
      crowd.run_until([&] { return readers.done() || crowd.lost() == crowd.size(); });
  const auto after = server_usage(options.target.pid);
  const double elapsed_s = static_cast<double>(now_ns() - started_ns) / 1e9;

  return boost::json::object{
      {"connections", options.connections},
      {"limit", options.limit},
      {"stored", publisher.accepted()},
      {"finished", finished},
      {"queries", readers.answered()},
      {"refused", readers.refused()},
      {"events", readers.events()},
      {"elapsed_s", elapsed_s},
      {"queries_per_second", static_cast<double>(readers.answered()) / elapsed_s},
      {"events_per_second", static_cast<double>(readers.events()) / elapsed_s},
      {"query_latency", readers.latency()},
      {"server_per_query", usage_report(before, after, readers.answered())},
      {"server_per_event", usage_report(before, after, readers.events())}};
}

}  // namespace

Command add_query(CLI::App& app) {
  auto* command = app.add_subcommand("query", "stored events of one author, up to a limit");
  const auto options = std::make_shared<Options>();
  add_target_options(*command, options->target);
  command->add_option("--stored", options->plan.count, "events published first")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--connections", options->connections)
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--queries", options->queries)
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--limit", options->limit)->capture_default_str()->check(CLI::PositiveNumber);
  command->add_option("--content-bytes", options->plan.content_bytes)->capture_default_str();
  return {command, [options] { return run(*options); }};
}

}  // namespace bench
