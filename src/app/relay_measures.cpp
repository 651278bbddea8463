#include "app/relay_measures.h"

#include <algorithm>

namespace app {
namespace {

using relay::Measure;
using enum Measure::Type;

double number(std::uint64_t value) { return static_cast<double>(value); }

double read(const std::atomic<std::uint64_t>& counter) {
  return number(counter.load(std::memory_order_relaxed));
}

std::optional<std::uint64_t> detail(const store::StoreInfo& info, std::string_view name) {
  const auto found =
      std::ranges::find_if(info.details, [name](const auto& entry) { return entry.first == name; });
  return found == info.details.end() ? std::nullopt : std::optional(found->second);
}

void add_sockets(relay::Measures& measures, const net::Counters& sockets) {
  measures.insert(measures.end(),
                  {{"mls_gateway_connections", "Open connections.", gauge, read(sockets.open)},
                   {"mls_gateway_connections_accepted_total", "Connections that were accepted.",
                    counter, read(sockets.accepted)},
                   {"mls_gateway_connections_refused_total",
                    "Connections over max_connections or max_connections_per_address.", counter,
                    read(sockets.refused)},
                   {"mls_gateway_slow_readers_total", "Clients dropped because they did not read.",
                    counter, read(sockets.slow_readers)},
                   {"mls_gateway_protocol_errors_total",
                    "WebSockets closed for breaking RFC 6455 or a size limit.", counter,
                    read(sockets.protocol_errors)}});
}

void add_queues(relay::Measures& measures, const Readings& readings) {
  measures.push_back({"mls_gateway_writer_queue_depth",
                      "Events and operations that are not committed yet.", gauge,
                      number(readings.writer_queue)});
  for (std::size_t worker = 0; worker < readings.worker_queues.size(); ++worker)
    measures.push_back({"mls_gateway_worker_queue_depth",
                        "Commits that a worker has not told its clients of yet.",
                        gauge,
                        number(readings.worker_queues[worker]),
                        {{"worker", std::to_string(worker)}}});
}

/// A store that is paid for by the operation.
void add_bill(relay::Measures& measures, const store::StoreInfo& info) {
  for (const auto& [operation, name] : {std::pair{"read", "billed_reads"},
                                        {"write", "billed_writes"},
                                        {"delete", "billed_deletes"}}) {
    if (const auto count = detail(info, name))
      measures.push_back(
          {"mls_gateway_store_billed_total",
           "Operations of this process that the store is paid for, as it counts them.",
           counter,
           number(*count),
           {{"operation", operation}}});
  }
}

/// The map of an LMDB store grows by itself: what ends its growth is the disk.
void add_store(relay::Measures& measures, const Readings& readings) {
  if (!readings.store) return;
  const store::StoreInfo& info = *readings.store;
  measures.push_back({"mls_gateway_store_events", "Stored events.", gauge, number(info.events)});
  add_bill(measures, info);
  const auto used = detail(info, "used_bytes"), free = detail(info, "free_bytes"),
             file = detail(info, "file_bytes");
  if (!used || !free || !file) return;
  measures.push_back({"mls_gateway_store_bytes", "Bytes of the store that hold something.", gauge,
                      number(*used - std::min(*free, *used))});
  if (readings.free_disk_bytes)
    measures.push_back({"mls_gateway_store_capacity_bytes",
                        "Bytes that the store can have: its file, and what is free on its disk.",
                        gauge, number(*file + *readings.free_disk_bytes)});
}

}  // namespace

relay::Measures relay_measures(const Readings& readings) {
  relay::Measures measures = {
      {"mls_gateway_build_info",
       "1; which version runs, on which store.",
       gauge,
       1,
       {{"version", GATEWAY_VERSION}, {"backend", readings.backend}}},
      {"mls_gateway_ready", "1: GET /readyz says yes.", gauge, readings.ready ? 1.0 : 0.0}};
  add_sockets(measures, readings.sockets);
  add_queues(measures, readings);
  add_store(measures, readings);
  return measures;
}

}  // namespace app
