#pragma once
// The PostgreSQL cluster that the tests share (a fixture of ctest, postgres_cluster.sh), and a
// schema of one's own in it.
#include <fmt/format.h>
#include <libpq-fe.h>

#include <fstream>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>

namespace test {

/// The URL of the shared cluster, as its superuser.
inline std::string postgres_url() {
  std::ifstream file(GATEWAY_POSTGRES_FOLDER "/url");
  std::string url;
  if (!std::getline(file, url))
    throw std::runtime_error(
        "these tests need PostgreSQL. Run them by ctest, which starts one, or first: "
        "tests/support/postgres_cluster.sh start " GATEWAY_POSTGRES_FOLDER);
  return url;
}

/// Runs a statement and waits; the first value of its answer as text, "" for none.
inline std::string postgres_do(const std::string& url, const std::string& sql) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()), PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()),
                                                             PQclear);
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    throw std::runtime_error(PQerrorMessage(connection.get()));
  return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

/// An empty schema, dropped with everything in it.
class PostgresSchema {
 public:
  PostgresSchema() : name_(fmt::format("t_{:08x}{:08x}", random_(), random_())) {
    postgres_do(postgres_url(), fmt::format("create schema {}", name_));
  }
  PostgresSchema(const PostgresSchema&) = delete;
  PostgresSchema& operator=(const PostgresSchema&) = delete;
  ~PostgresSchema() {
    try {
      postgres_do(postgres_url(),
                  fmt::format("set client_min_messages = warning; drop schema {} cascade", name_));
    } catch (const std::runtime_error&) {  // the whole cluster goes soon
    }
  }

  [[nodiscard]] const std::string& name() const { return name_; }
  /// Connections by it find the schema's tables, and make theirs there.
  [[nodiscard]] std::string url() const {
    return fmt::format("{}&options=-csearch_path%3D{}", postgres_url(), name_);
  }

 private:
  std::random_device random_;
  std::string name_;
};

}  // namespace test
