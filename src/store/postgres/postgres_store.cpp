#include "store/postgres/postgres_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <unordered_map>

#include "store/fetched/decide.h"
#include "store/postgres/errors.h"
#include "store/postgres/parcels.h"
#include "store/postgres/query.h"
#include "store/postgres/schema.h"

namespace store {

using boost::asio::awaitable;
using postgres::Call;
using postgres::Result;
using Values = std::vector<std::optional<std::string>>;

namespace {

constexpr const char* newest_commit =
    "SELECT last, token, events FROM commits ORDER BY last DESC LIMIT 1";
constexpr const char* rows_by_key = "SELECT key, value FROM extension_rows WHERE key = ANY($1)";
constexpr const char* rows_in_range =
    "SELECT (SELECT last FROM commits ORDER BY last DESC LIMIT 1), r.key, r.value "
    "FROM (SELECT 1) AS always LEFT JOIN LATERAL (SELECT key, value FROM extension_rows "
    "WHERE key >= $1 AND key > $2 AND key < $3 ORDER BY key LIMIT $4) AS r ON true ORDER BY r.key";
/// Beyond this many the planner's estimate is told: to count them all takes seconds.
constexpr std::int64_t most_counted = 100'000;
constexpr const char* count_rows =
    "SELECT count(*) FROM (SELECT 1 FROM extension_rows LIMIT $1) AS counted";
constexpr const char* estimate_rows =
    "SELECT reltuples::bigint FROM pg_class WHERE oid = 'extension_rows'::regclass";
constexpr const char* database_bytes = "SELECT pg_database_size(current_database())";
/// Who has been away for longer begins anew (CommitBatch::lost_track). The newest of those stays:
/// after a quiet time it is where everybody stands.
constexpr const char* forget_commits =
    "DELETE FROM commits WHERE last < "
    "(SELECT max(last) FROM commits WHERE at < now() - interval '15 minutes')";

}  // namespace

std::expected<std::unique_ptr<PostgresStore>, StoreError> PostgresStore::open(
    const PostgresOptions& options) {
  std::unique_ptr<PostgresStore> store(new PostgresStore(options));
  auto preparing =
      boost::asio::co_spawn(store->loop_.executor(), store->prepare(), boost::asio::use_future);
  if (auto prepared = preparing.get(); !prepared)
    return std::unexpected(std::move(prepared.error()));
  return store;
}

PostgresStore::PostgresStore(const PostgresOptions& options)
    : options_(options),
      pool_(postgres::Pool::make(loop_.executor(),
                                 {.conninfo = options.url, .max = options.readers})),
      link_(loop_, {.conninfo = options.url}),
      committer_(link_, options.timeout) {}

PostgresStore::~PostgresStore() {
  on_news(nullptr);
  loop_.run_now([this] { pool_->close(); });
}

awaitable<std::expected<void, StoreError>> PostgresStore::prepare() {
  const auto end = deadline();
  const auto version = co_await postgres::migrate(link_, end);
  if (!version) co_return std::unexpected(version.error());
  if (const std::size_t now = postgres::migrations().size(); options_.tell && *version < now)
    options_.tell(*version == 0
                      ? fmt::format("made the tables, version {} of the schema", now)
                      : fmt::format("brought the schema from version {} to {}", *version, now));
  std::vector<Call> calls;
  calls.push_back({.sql = newest_commit});
  calls.push_back({.sql = std::string(postgres::channel_sql)});
  calls.push_back(postgres::ask_unfinished());
  auto results = co_await link_.run(std::move(calls), end);
  if (!results) co_return std::unexpected(postgres::error_of(results.error()));
  committer_.begin_at(postgres::mark_in((*results)[0], 0, 0));
  channel_ = (*results)[1].bytes(0, 0);
  if ((*results)[2].boolean(0, 0)) {
    co_return std::unexpected(StoreError{
        StoreError::Code::unavailable,
        "a copy into the database did not come to its end; drop its tables and copy again"});
  }
  if (!(*results)[0].valid() || !(*results)[1].valid())
    co_return std::unexpected(postgres::damaged("the table of commits"));
  co_return std::expected<void, StoreError>{};
}

awaitable<std::expected<AppendResult, StoreError>> PostgresStore::append(
    std::span<const Write> writes, const Stager& stager) {
  return fetched::append(committer_, writes, stager);
}

awaitable<std::expected<Store::PerformedAll, StoreError>> PostgresStore::perform_all(
    std::span<const Operation* const> operations, base::UnixSeconds now, const Stager& stager) {
  return fetched::perform_all(committer_, operations, now, stager);
}

awaitable<std::expected<Store::Purged, StoreError>> PostgresStore::purge_expired(
    base::UnixSeconds now, std::size_t max, const Stager& stager) {
  auto purged = co_await fetched::purge_expired(committer_, now, max, stager);
  if (purged) link_.post({.sql = forget_commits});
  co_return purged;
}

awaitable<std::expected<std::shared_ptr<const CommitBatch>, StoreError>> PostgresStore::catch_up() {
  auto caught_up = co_await committer_.catch_up();
  if (!caught_up) co_return std::unexpected(std::move(caught_up.error()));
  if (caught_up->more) boost::asio::post(loop_.executor(), [this] { wake(); });
  co_return std::move(caught_up->batch);
}

void PostgresStore::on_news(std::function<void()> wake) {
  loop_.run_now([&] {
    if (listener_) listener_->stop();
    listener_.reset();
    wake_ = std::move(wake);
    if (!wake_) return;
    listener_ = postgres::NewsListener::make(
        loop_.executor(), {.conninfo = options_.url, .channel = channel_}, wake_);
    listener_->start();
  });
}

void PostgresStore::wake() const {
  if (wake_) wake_();
}

postgres::Deadline PostgresStore::deadline() const {
  return std::chrono::steady_clock::now() + options_.timeout;
}

awaitable<std::expected<std::vector<Result>, StoreError>> PostgresStore::read(
    std::vector<Call> calls, postgres::Deadline deadline) {
  auto results = co_await loop_.run(pool_->run(std::move(calls), deadline));
  if (!results) co_return std::unexpected(postgres::error_of(results.error()));
  co_return *std::move(results);
}

awaitable<std::expected<Page, StoreError>> PostgresStore::query(PageRequest request) {
  const auto lease = readers_.lend();
  const auto end = deadline();
  postgres::PageReader reader(request, lease->parser, lease->sha256);
  while (!reader.done()) {
    std::vector<Call> calls;
    calls.push_back(reader.next_call());
    auto results = co_await read(std::move(calls), end);
    if (!results) co_return std::unexpected(std::move(results.error()));
    if (!reader.take(results->front())) co_return std::unexpected(postgres::damaged("an event"));
  }
  co_return reader.take_page();
}

awaitable<std::expected<StoreInfo, StoreError>> PostgresStore::info() {
  std::vector<Call> calls;
  calls.push_back({.sql = newest_commit});
  calls.push_back({.sql = count_rows});
  calls.back().params.add(most_counted);
  calls.push_back({.sql = estimate_rows});
  calls.push_back({.sql = database_bytes});
  auto results = co_await read(std::move(calls), deadline());
  if (!results) co_return std::unexpected(std::move(results.error()));
  const auto number = [&](std::size_t call, int column) {
    return static_cast<std::uint64_t>((*results)[call].int64(0, column));
  };
  const std::uint64_t counted = number(1, 0);
  StoreInfo info{.events = number(0, 2),
                 .rows = counted < most_counted ? counted : std::max(counted, number(2, 0)),
                 .last = number(0, 0),
                 .details = {{"database_bytes", number(3, 0)}}};
  co_return info;
}

awaitable<std::expected<Values, StoreError>> PostgresStore::get_rows(
    std::vector<std::string> keys) {
  std::vector<Call> calls;
  calls.push_back({.sql = rows_by_key});
  calls.back().params.add_byteas(keys);
  auto results = co_await read(std::move(calls), deadline());
  if (!results) co_return std::unexpected(std::move(results.error()));
  Result& result = results->front();
  std::unordered_map<std::string_view, std::string_view> found;
  for (std::size_t row = 0; row < result.rows(); ++row)
    found.emplace(result.bytes(row, 0), result.bytes(row, 1));
  Values values;
  for (const std::string& key : keys) {
    const auto row = found.find(key);
    values.push_back(row == found.end() ? std::nullopt : std::optional(std::string(row->second)));
  }
  co_return values;
}

awaitable<std::expected<RowPage, StoreError>> PostgresStore::scan_rows(
    std::string prefix, std::optional<std::string> after, std::size_t max) {
  const std::size_t wanted = std::max<std::size_t>(1, max);
  std::vector<Call> calls;
  calls.push_back({.sql = rows_in_range});
  postgres::Params& params = calls.back().params;
  params.add_bytes(prefix);
  params.add_bytes(after.value_or(""));
  params.add_bytes(postgres::end_of(prefix));
  params.add(static_cast<std::int64_t>(std::min<std::size_t>(wanted, 1 << 30)) + 1);
  auto results = co_await read(std::move(calls), deadline());
  if (!results) co_return std::unexpected(std::move(results.error()));
  Result& result = results->front();
  RowPage page;
  page.snapshot = static_cast<Seq>(result.int64(0, 0));
  for (std::size_t row = 0; row < result.rows() && !result.is_null(row, 1); ++row) {
    if (page.rows.size() == wanted) {
      page.next = page.rows.back().key;
      break;
    }
    page.rows.push_back({std::string(result.bytes(row, 1)), std::string(result.bytes(row, 2))});
  }
  co_return page;
}

awaitable<std::expected<Parcel, StoreError>> PostgresStore::dump(std::optional<std::string> after,
                                                                 std::size_t max_bytes) {
  const auto lease = readers_.lend();
  const auto end = deadline();
  postgres::ParcelReader reader(after, max_bytes);
  while (!reader.done()) {
    std::vector<Call> calls;
    calls.push_back(reader.next_call());
    auto results = co_await read(std::move(calls), end);
    if (!results) co_return std::unexpected(std::move(results.error()));
    if (!reader.take(results->front(), lease->parser))
      co_return std::unexpected(postgres::damaged("what is stored"));
  }
  co_return reader.take_parcel();
}

awaitable<std::expected<void, StoreError>> PostgresStore::load(const Parcel& parcel) {
  auto mark = co_await postgres::load(link_, parcel, deadline());
  if (!mark) co_return std::unexpected(std::move(mark.error()));
  committer_.begin_at(*std::move(mark));
  co_return std::expected<void, StoreError>{};
}

}  // namespace store
