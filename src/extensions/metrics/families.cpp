#include "extensions/metrics/families.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <functional>
#include <limits>

namespace extensions::metrics {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;
using Workers = std::vector<const WorkerInstruments*>;
using FamilyList = std::vector<MetricFamily>;

constexpr double nanosecond = 1e-9;

MetricFamily counters(std::string name, std::string help) {
  return {std::move(name), std::move(help), MetricType::Counter, {}};
}

void add_counter(MetricFamily& family, std::uint64_t value, Labels labels = {}) {
  ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  metric.counter.value = static_cast<double>(value);
}

/// Of one instrument, over all workers.
std::uint64_t total(const Workers& workers,
                    const std::function<const Counter&(const WorkerInstruments&)>& instrument) {
  std::uint64_t sum = 0;
  for (const WorkerInstruments* worker : workers) sum += instrument(*worker).value();
  return sum;
}

/// `unit`: what one of the instrument's units is in the metric's.
void add_histogram(MetricFamily& family, const std::vector<const Histogram*>& of_threads,
                   double unit, Labels labels = {}) {
  ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  const auto bounds = of_threads.front()->bounds();
  auto& histogram = metric.histogram;
  for (std::size_t bucket = 0; bucket <= bounds.size(); ++bucket) {
    for (const Histogram* each : of_threads) histogram.sample_count += each->count(bucket);
    const double bound = bucket < bounds.size() ? static_cast<double>(bounds[bucket]) * unit
                                                : std::numeric_limits<double>::infinity();
    histogram.bucket.push_back({histogram.sample_count, bound});
  }
  for (const Histogram* each : of_threads)
    histogram.sample_sum += static_cast<double>(each->sum()) * unit;
}

MetricFamily histograms(std::string name, std::string help) {
  return {std::move(name), std::move(help), MetricType::Histogram, {}};
}

MetricFamily durations(std::string name, std::string help, const Workers& workers,
                       Histogram WorkerInstruments::* instrument) {
  MetricFamily family = histograms(std::move(name), std::move(help));
  std::vector<const Histogram*> of_threads;
  for (const WorkerInstruments* worker : workers) of_threads.push_back(&(worker->*instrument));
  if (!of_threads.empty()) add_histogram(family, of_threads, nanosecond);
  return family;
}

void add_messages(FamilyList& families, const Workers& workers) {
  auto& client = families.emplace_back(
      counters("nostr_client_messages_total", "Messages of clients, understood or not."));
  for (std::size_t verb = 0; verb < relay::client_verbs; ++verb)
    add_counter(
        client,
        total(workers, [verb](const auto& w) -> const Counter& { return w.received[verb]; }),
        {{"verb", std::string(name_of(static_cast<relay::ClientVerb>(verb)))}});
  auto& relayed = families.emplace_back(
      counters("nostr_relay_messages_total", "Messages that were queued for clients."));
  for (std::size_t verb = 0; verb < relay::relay_verbs; ++verb)
    add_counter(relayed,
                total(workers, [verb](const auto& w) -> const Counter& { return w.sent[verb]; }),
                {{"verb", std::string(name_of(static_cast<relay::RelayVerb>(verb)))}});
}

void add_events(FamilyList& families, const CommitInstruments& commits, const Workers& workers) {
  MetricFamily all =
      counters("nostr_events_total", "Events that were accepted: stored, or relayed.");
  MetricFamily gateway = counters("mls_gateway_events_processed_total",
                                  "Events of the gateway's kinds that were accepted.");
  MetricFamily errors =
      counters("mls_gateway_errors_total", "Events of the gateway's kinds answered error:.");
  MetricFamily denials = counters(
      "mls_gateway_denials_total",
      "Events kept from viewers who may not read them, once for each filter that matched.");
  for (std::size_t slot = 0; slot < kind_slots; ++slot) {
    const Labels kind = {{"kind", label_of(slot)}};
    const std::uint64_t accepted = commits.events[slot].value();
    add_counter(all, accepted, kind);
    add_counter(
        denials,
        total(workers, [slot](const auto& w) -> const Counter& { return w.withheld[slot]; }), kind);
    if (!is_gateway_kind(slot)) continue;
    add_counter(gateway, accepted, kind);
    add_counter(errors,
                total(workers, [slot](const auto& w) -> const Counter& { return w.errors[slot]; }),
                kind);
  }
  for (MetricFamily* family : {&gateway, &errors, &all, &denials})
    families.push_back(std::move(*family));
}

void add_rejects(FamilyList& families, const Workers& workers) {
  auto& family = families.emplace_back(
      counters("mls_gateway_rejects_total", "Refusals, by what was asked and by their prefix."));
  for (std::size_t verb = 0; verb < refused_verbs.size(); ++verb) {
    for (std::size_t prefix = 0; prefix < prefixes.size(); ++prefix)
      add_counter(family,
                  total(workers,
                        [verb, prefix](const auto& w) -> const Counter& {
                          return w.rejects[verb][prefix];
                        }),
                  {{"verb", std::string(name_of(refused_verbs[verb]))},
                   {"prefix", std::string(prefixes[prefix])}});
  }
}

void add_auth_and_deliveries(FamilyList& families, const Workers& workers) {
  auto& auth = families.emplace_back(counters("mls_gateway_auth_total", "Answers to AUTH."));
  add_counter(auth, total(workers, &WorkerInstruments::auth_ok), {{"result", "ok"}});
  add_counter(auth, total(workers, &WorkerInstruments::auth_failed), {{"result", "failed"}});
  auto& deliveries = families.emplace_back(
      counters("mls_gateway_deliveries_total", "Events that were queued for subscribers."));
  for (const auto& [source, label] :
       {std::pair{relay::Source::live, "live"}, std::pair{relay::Source::stored, "stored"}})
    add_counter(deliveries,
                total(workers,
                      [place = static_cast<std::size_t>(source)](const auto& w) -> const Counter& {
                        return w.delivered[place];
                      }),
                {{"source", label}});
  auto& subscriptions = families.emplace_back();
  subscriptions = {"mls_gateway_subscriptions", "Open subscriptions.", MetricType::Gauge, {}};
  subscriptions.metric.emplace_back().gauge.value = static_cast<double>(
      static_cast<std::int64_t>(total(workers, &WorkerInstruments::subscriptions)));
}

void add_commits(FamilyList& families, const CommitInstruments& commits) {
  auto& failed = families.emplace_back(
      counters("mls_gateway_commits_failed_total", "Commits that the store refused."));
  add_counter(failed, commits.failed.value());
  auto& took = families.emplace_back(
      histograms("mls_gateway_commit_duration_seconds", "Time of a group commit."));
  add_histogram(took, {&commits.took}, nanosecond);
  auto& size = families.emplace_back(
      histograms("mls_gateway_commit_events", "Events of a group commit, refused ones included."));
  add_histogram(size, {&commits.size}, 1);
}

void add_store_calls(FamilyList& families, const std::vector<const StoreInstruments*>& users) {
  if (users.empty()) return;
  auto& family = families.emplace_back(histograms("mls_gateway_db_operation_duration_seconds",
                                                  "Time of what is asked of the store."));
  for (std::size_t call = 0; call < store::call_names.size(); ++call) {
    std::vector<const Histogram*> of_threads;
    for (const StoreInstruments* user : users) of_threads.push_back(&user->calls[call]);
    add_histogram(family, of_threads, nanosecond,
                  {{"operation", std::string(store::call_names[call])}});
  }
}

/// Those of one name form a family.
void add_measures(FamilyList& families, const relay::Measures& measures) {
  for (const relay::Measure& measure : measures) {
    auto family = std::ranges::find(families, measure.name, &MetricFamily::name);
    const bool is_counter = measure.type == relay::Measure::Type::counter;
    if (family == families.end())
      family = families.insert(
          families.end(),
          {measure.name, measure.help, is_counter ? MetricType::Counter : MetricType::Gauge, {}});
    ClientMetric& metric = family->metric.emplace_back();
    for (const auto& [name, value] : measure.labels) metric.label.push_back({name, value});
    (is_counter ? metric.counter.value : metric.gauge.value) = measure.value;
  }
}

}  // namespace

std::vector<MetricFamily> Families::Collect() const {
  const Workers workers = registry_.workers();
  std::vector<MetricFamily> families;
  families.reserve(64);  // add_… keep a reference while they add to it
  add_events(families, registry_.commits(), workers);
  add_messages(families, workers);
  add_rejects(families, workers);
  add_auth_and_deliveries(families, workers);
  families.push_back(durations("mls_gateway_publish_duration_seconds",
                               "Time from an EVENT to its OK.", workers,
                               &WorkerInstruments::publish));
  families.push_back(durations("mls_gateway_query_duration_seconds",
                               "Time from a REQ to its EOSE, clients that read slowly included.",
                               workers, &WorkerInstruments::query));
  add_commits(families, registry_.commits());
  add_store_calls(families, registry_.store_users());
  add_measures(families, measures_);
  return families;
}

std::string Families::text() const { return prometheus::TextSerializer().Serialize(Collect()); }

}  // namespace extensions::metrics
