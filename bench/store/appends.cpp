#include <libpq-fe.h>

#include <thread>

#include "clock.h"
#include "instances.h"

namespace bench {
namespace {

using boost::json::object;

object append(const StoreBench& bench, std::size_t instances, std::size_t batch) {
  Instances stores(bench, instances);
  std::vector<Times> times(instances);
  std::vector<std::thread> threads;
  const auto begin = Clock::now();
  for (std::size_t i = 0; i < instances; ++i) {
    threads.emplace_back([&, i] {
      while (seconds_since(begin) < bench.seconds) {
        const auto writes = Instances::messages(batch, 1000);
        const auto started = Clock::now();
        (void)run(stores[i].append(writes, store::NoStager()));
        times[i].add(started);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const double elapsed = seconds_since(begin);
  Times all;
  for (const Times& each : times) all.add(each);
  object result{{"work", "append"},
                {"instances", instances},
                {"batch", batch},
                {"events_per_s", static_cast<double>(all.count() * batch) / elapsed}};
  all.report(result);
  return result;
}

/// The same rows into the same table and indexes, one prepared INSERT and one commit each.
object insert_rows(const StoreBench& bench) {
  Instances stores(bench, 1);
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(stores.url().c_str()),
                                                                PQfinish);
  PQclear(PQprepare(connection.get(), "one",
                    "INSERT INTO events (seq, id, place, pubkey, kind, mark, json) VALUES "
                    "($1::bigint, decode($2, 'hex'), decode($3 || $2, 'hex'), decode($4, 'hex'), "
                    "445, 0, convert_to($5, 'UTF8'))",
                    0, nullptr));
  Times times;
  const auto begin = Clock::now();
  for (std::uint64_t seq = 1; seconds_since(begin) < bench.seconds; ++seq) {
    const auto write = Instances::messages(1, 1000).front();
    const auto hex = [](const base::Bytes32& bytes) { return base::to_hex(bytes.bytes); };
    const std::string number = std::to_string(seq), id = hex(write.event->id),
                      time = fmt::format("{:016x}",
                                         ~static_cast<std::uint64_t>(write.event->created_at)),
                      author = hex(write.event->pubkey);
    const char* values[] = {number.c_str(), id.c_str(), time.c_str(), author.c_str(),
                            write.event->json.c_str()};
    const auto started = Clock::now();
    const std::unique_ptr<PGresult, decltype(&PQclear)> done(
        PQexecPrepared(connection.get(), "one", 5, values, nullptr, nullptr, 0), PQclear);
    if (PQresultStatus(done.get()) != PGRES_COMMAND_OK)
      throw std::runtime_error(PQresultErrorMessage(done.get()));
    times.add(started);
  }
  object result{{"work", "single-row inserts"},
                {"events_per_s", static_cast<double>(times.count()) / seconds_since(begin)}};
  times.report(result);
  return result;
}

}  // namespace

void measure_appends(const StoreBench& bench) {
  print(bench, insert_rows(bench));
  for (const std::size_t batch : {1, 50, 500}) {
    for (const std::size_t instances : {1, 3}) print(bench, append(bench, instances, batch));
  }
}

}  // namespace bench
