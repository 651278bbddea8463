#include "gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>

namespace bench {
namespace {

constexpr int roster_kind = 450;
constexpr int client_auth_kind = 22242;  // NIP-42

double per_event_us(const boost::json::object& usage) {
  const auto* each = usage.if_contains("cpu_us_each");
  return each ? each->as_double() : 0;
}

boost::json::object report_of(const std::vector<Figure>& rounds) {
  boost::json::array each;
  std::vector<double> rates, costs;
  for (const Figure& round : rounds) {
    each.push_back({{"per_second", round.per_second}, {"cpu_us_each", round.cpu_us_each}});
    rates.push_back(round.per_second);
    costs.push_back(round.cpu_us_each);
  }
  return {{"per_second", median(rates)}, {"cpu_us_each", median(costs)}, {"rounds", each}};
}

/// Percent, the median over the rounds of `gated` over `plain`.
double added_percent(const std::vector<Figure>& gated, const std::vector<Figure>& plain,
                     double (*cost)(const Figure&)) {
  std::vector<double> added;
  for (std::size_t i = 0; i < gated.size(); ++i)
    added.push_back((cost(gated[i]) / cost(plain[i]) - 1) * 100);
  return median(std::move(added));
}

}  // namespace

Side::Side(const Target& target) : target_(target), crowd_(target) {}

Side::Done Side::open(std::size_t count) {
  challenges_.resize(crowd_.size() + count);
  crowd_.on_text([this](const RelayClient& client, std::string_view text) {
    hear(client, split_message(text));
  });
  if (auto opened = crowd_.open(count); !opened)
    return std::unexpected(fmt::format("{}: {}", url(), opened.error()));
  if (crowd_.run_until([this] { return challenged_ >= crowd_.size(); })) return {};
  return std::unexpected(fmt::format("{}: no challenge; is AUTH offered?", url()));
}

void Side::hear(const RelayClient& client, const RelayMessage& message) {
  if (message.type == "AUTH") {
    challenges_[client.index()] = message.subject;
    ++challenged_;
  }
  const bool refused =
      message.type == "CLOSED" || (message.type == "OK" && !message.rest.starts_with("true"));
  if (refused && first_refusal_.empty()) first_refusal_ = message.rest;
  if (refused || message.type == "OK" || message.type == "EOSE") --pending_;
}

void Side::queue(std::size_t client, const std::string& message) {
  ++pending_;
  crowd_[client].send(text_frame(message));
}

void Side::prove(std::size_t client, const Signer& signer) {
  const std::string tags =
      fmt::format(R"([["relay","{}"],["challenge","{}"]])", url(), challenges_[client]);
  queue(client, fmt::format(R"(["AUTH",{}])", signer.sign(client_auth_kind, tags, "")));
}

void Side::subscribe(std::size_t client, std::string_view filter) {
  queue(client, fmt::format(R"(["REQ","s{}",{}])", subscriptions_++, filter));
}

Side::Done Side::settle() {
  crowd_.on_text([this](const RelayClient& client, std::string_view text) {
    hear(client, split_message(text));
  });
  const bool answered = crowd_.run_until([this] { return pending_ == 0 || crowd_.lost() > 0; });
  if (!first_refusal_.empty()) return std::unexpected(fmt::format("{}: {}", url(), first_refusal_));
  if (answered && crowd_.lost() == 0) return {};
  return std::unexpected(
      fmt::format("{}: {} unanswered, {} connections lost", url(), pending_, crowd_.lost()));
}

std::expected<Figure, std::string> Side::publish(const std::vector<PreparedEvent>& events,
                                                 Clients publishers, Pace pace,
                                                 std::size_t copies) {
  Publisher publisher(crowd_, publishers.first, publishers.count, pace, events);
  std::size_t delivered = 0;
  crowd_.on_text([&](RelayClient& client, std::string_view text) {
    const auto message = split_message(text);
    delivered += message.type == "EVENT";
    publisher.hear(client, message);
  });
  const std::size_t deliveries = copies * events.size();
  const auto before = server_usage(target_.pid);
  const auto started_ns = now_ns();
  publisher.start();
  crowd_.run_until([&] {
    return publisher.done() &&
           (delivered >= deliveries || publisher.accepted() < events.size() || crowd_.lost() > 0);
  });
  const auto elapsed_s = static_cast<double>(now_ns() - started_ns) / 1e9;
  const auto after = server_usage(target_.pid);
  if (publisher.accepted() < events.size() || delivered != deliveries) {
    return std::unexpected(fmt::format("{}: {} of {} events accepted, {} of {} delivered; {}",
                                       url(), publisher.accepted(), events.size(), delivered,
                                       deliveries, publisher.first_refusal()));
  }
  const std::size_t done = std::max(deliveries, events.size());
  return Figure{static_cast<double>(done) / elapsed_s,
                per_event_us(usage_report(before, after, done))};
}

Traffic make_traffic(const EventPlan& plan, std::size_t rounds) {
  progress(fmt::format("signing {} rounds of {} events", rounds + 1, plan.count));
  Traffic traffic;
  Signer signer;
  for (std::size_t round = 0; round <= rounds; ++round)
    traffic.rounds.push_back(prepare(signer, plan));
  return traffic;
}

Outcome compare(Sides& sides, const Traffic& traffic) {
  std::vector<Figure> gated, plain;
  for (std::size_t round = 0; round < traffic.rounds.size(); ++round) {
    progress(fmt::format("round {} of {}", round, traffic.rounds.size() - 1));
    for (const bool gate : {round % 2 == 0, round % 2 != 0}) {
      auto figure =
          (gate ? sides.gated : sides.plain)
              .publish(traffic.rounds[round], traffic.publishers, traffic.pace, traffic.copies);
      if (!figure) return std::unexpected(std::move(figure.error()));
      if (round > 0) (gate ? gated : plain).push_back(*figure);
    }
  }
  const auto cpu = [](const Figure& figure) { return figure.cpu_us_each; };
  const auto time = [](const Figure& figure) { return 1 / figure.per_second; };
  return boost::json::object{
      {"events", traffic.rounds.front().size()},
      {"copies", traffic.copies},
      {"frame_bytes", traffic.rounds.front().back().frame.size()},
      {"gated", report_of(gated)},
      {"plain", report_of(plain)},
      {"gate_adds_percent",
       {{"cpu", added_percent(gated, plain, cpu)}, {"time", added_percent(gated, plain, time)}}}};
}

Founding found_groups(Signer& founder, std::size_t count,
                      const std::function<std::string(std::size_t)>& members_of) {
  progress(fmt::format("signing {} groups", count));
  Founding founding;
  for (std::size_t i = 0; i < count; ++i) founding.groups.push_back(random_hex(32));
  founding.events =
      prepare(founder,
              {.count = count, .kind = roster_kind, .content_bytes = 0, .tags = [&](std::size_t i) {
                 return fmt::format(R"([["h","{}"],["seq","1"],["op","bootstrap"]{}])",
                                    founding.groups[i], members_of(i));
               }});
  return founding;
}

std::string member_tag(const Signer& member) {
  return fmt::format(R"(,["p","{}"])", member.public_key());
}

std::string messages_of(std::string_view group) {
  return fmt::format(R"({{"kinds":[{}],"#h":["{}"]}})", group_message_kind, group);
}

EventPlan messages_into(const std::vector<std::string>& groups, std::size_t count,
                        std::size_t content_bytes) {
  // A stride that shares no factor with the number of groups visits them evenly.
  return {.count = count,
          .kind = group_message_kind,
          .content_bytes = content_bytes,
          .one_time_keys = true,
          .tags = [&groups](std::size_t i) {
            return fmt::format(R"([["h","{}"],["k","1"]])", groups[i * 7919 % groups.size()]);
          }};
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void add_relays_options(CLI::App& app, Relays& relays) {
  add_target_options(app, relays.gated);
  app.add_option("--plain-url", relays.plain.url, "the same relay without the gate")
      ->capture_default_str();
  app.add_option("--plain-pid", relays.plain.pid, "its process");
  app.add_option("--rounds", relays.rounds, "on each relay in turn; the medians count")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
}

}  // namespace bench
