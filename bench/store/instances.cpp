#include "instances.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <random>

namespace bench {

void execute(const std::string& url, const std::string& sql) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()), PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()),
                                                             PQclear);
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    throw std::runtime_error(PQerrorMessage(connection.get()));
}

Instances::Instances(const StoreBench& bench, std::size_t count)
    : database_(bench.url), schema_(fmt::format("bench_{:08x}", std::random_device()())) {
  execute(database_, fmt::format("CREATE SCHEMA {}", schema_));
  url_ = fmt::format("{}{}options=-csearch_path%3D{}", database_,
                     database_.find('?') == std::string::npos ? "?" : "&", schema_);
  for (std::size_t i = 0; i < count; ++i) {
    auto opened = store::PostgresStore::open({.url = url_});
    if (!opened) throw std::runtime_error(opened.error().message);
    stores_.push_back(*std::move(opened));
  }
}

Instances::~Instances() {
  stores_.clear();
  try {
    execute(database_,
            fmt::format("SET client_min_messages = error; DROP SCHEMA {} CASCADE", schema_));
  } catch (const std::runtime_error& error) {
    fmt::print(stderr, "{} stays: {}\n", schema_, error.what());
  }
}

std::vector<store::Write> Instances::messages(std::size_t count, std::size_t groups) {
  static std::atomic<std::uint64_t> next = 1;
  std::vector<store::Write> writes;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t id = next++;
    store::Write write;
    // Ids are as random as hashes are, in the part that places differ in.
    write.event = test::EventBuilder(id * 0x9e3779b97f4a7c15ULL)
                      .kind(445)
                      .by(id % 1000)
                      .at(static_cast<std::int64_t>(1'700'000'000 + id / 100))
                      .tag({"h", fmt::format("{:064x}", id % groups)})
                      .content(std::string(400, 'c'))
                      .build();
    write.viewer = std::make_shared<nostr::Viewer>();
    writes.push_back(std::move(write));
  }
  return writes;
}

}  // namespace bench
