#pragma once
// A PostgreSQL cluster for one test alone, for what the shared one must not suffer.
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>

#include "support/temp_folder.h"

namespace test {

/// Starts in about a second; ends with its data.
class PostgresCluster {
 public:
  /// `settings` are the server's: "fsync=on max_connections=20".
  explicit PostgresCluster(const std::string& settings = "") { control("start", settings); }
  PostgresCluster(const PostgresCluster&) = delete;
  PostgresCluster& operator=(const PostgresCluster&) = delete;
  ~PostgresCluster() {
    try {
      control("stop");
    } catch (const std::runtime_error&) {  // its folder stays; the test has said what matters
    }
  }

  [[nodiscard]] std::string url() const { return line_of("url"); }
  void restart() const { control("restart"); }
  /// From then on it only reads, as a server does that follows a primary.
  void make_standby() const {
    std::ofstream(line_of("home") + "/data/standby.signal");
    restart();
  }

 private:
  void control(const std::string& verb, const std::string& settings = "") const {
    const std::string command =
        fmt::format("'" GATEWAY_SOURCE_DIR "/tests/support/postgres_cluster.sh' {} '{}' {} >&2",
                    verb, folder_.path().string(), settings);
    if (std::system(command.c_str()) != 0) throw std::runtime_error("no cluster: see above");
  }
  [[nodiscard]] std::string line_of(const std::string& file) const {
    std::ifstream in(folder_.path() / file);
    std::string line;
    std::getline(in, line);
    return line;
  }

  TempFolder folder_;
};

}  // namespace test
