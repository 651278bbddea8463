#include <CLI/CLI.hpp>
#include <boost/json/src.hpp>
#include <iostream>

#include "works.h"

namespace bench {

void print(const StoreBench& bench, boost::json::object result) {
  if (!bench.name.empty()) result["server"] = bench.name;
  std::cout << boost::json::serialize(result) << std::endl;
}

}  // namespace bench

int main(int argc, char** argv) {
  CLI::App cli(
      "Measures the PostgreSQL store: JSON, one line a figure. The database is left as it was.");
  bench::StoreBench wishes;
  cli.add_option("url", wishes.url, "postgresql://…, of a database that may be worked hard")
      ->required();
  cli.add_option("--seconds", wishes.seconds, "For each figure")->capture_default_str();
  cli.add_option("--name", wishes.name, "Of the server's settings, printed with each figure");
  CLI11_PARSE(cli, argc, argv);
  try {
    bench::measure_appends(wishes);
    bench::measure_queries(wishes);
    bench::measure_claims(wishes);
    bench::measure_fan_out(wishes);
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << '\n';
    return 1;
  }
}
