#pragma once
// What gateway-bench-store measures, each on an empty schema of the database. Prints one JSON object a line.
#include <boost/json.hpp>
#include <string>

namespace bench {

struct StoreBench {
  std::string url;        ///< of the database, without a schema
  double seconds = 2;     ///< for each figure
  std::string name = "";  ///< of the server's settings, to tell runs apart
};

/// Events a second through the store, by batch and by instances; against rows inserted one by one.
void measure_appends(const StoreBench& bench);
/// Pages a second: a group's newest 100 events among many groups.
void measure_queries(const StoreBench& bench);
/// Single-use packages given out a second.
void measure_claims(const StoreBench& bench);
/// From append() on one instance to another's having the event.
void measure_fan_out(const StoreBench& bench);

void print(const StoreBench& bench, boost::json::object result);

}  // namespace bench
