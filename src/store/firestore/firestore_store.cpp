#include "store/firestore/firestore_store.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "store/fetched/damaged.h"
#include "store/fetched/decide.h"
#include "store/fetched/together.h"
#include "store/firestore/credentials.h"
#include "store/firestore/page.h"
#include "store/firestore/parcels.h"
#include "store/firestore/portions.h"
#include "store/firestore/queries.h"

namespace store {

using boost::asio::awaitable;
using firestore::Deadline;
using Values = std::vector<std::optional<std::string>>;

namespace {

namespace v1 = google::firestore::v1;
using Documents = std::vector<v1::Document>;

/// Commits that are forgotten at a time.
constexpr std::size_t forgotten_at_once = 300;
/// Whoever has been away for longer begins anew (CommitBatch::lost_track).
constexpr auto memory = std::chrono::hours(24);

std::unexpected<StoreError> failed(const firestore::Failure& failure) {
  return std::unexpected(firestore::error_of(failure));
}

std::unexpected<StoreError> damaged(std::string_view what) {
  return std::unexpected(fetched::damaged(what));
}

using Found = std::expected<Documents, StoreError>;

awaitable<Found> find(const firestore::Client& client, v1::StructuredQuery query,
                      const firestore::Timestamp& at, Deadline deadline) {
  auto got = co_await client.run_query(std::move(query), at, deadline);
  if (!got) co_return failed(got.error());
  co_return std::move(got->documents);
}

awaitable<Found> find(const firestore::Client& client, std::vector<std::string> names,
                      const firestore::Timestamp& at, Deadline deadline) {
  auto got = co_await client.batch_get(std::move(names), at, deadline);
  if (!got) co_return failed(got.error());
  Documents documents;
  for (auto& [name, document] : got->found) documents.push_back(std::move(document));
  co_return documents;
}

/// All at once; what each found.
awaitable<std::expected<std::vector<Documents>, StoreError>> find_all(
    const firestore::Client& client, firestore::PageReader::Look look,
    const firestore::Timestamp& at, Deadline deadline) {
  std::vector<awaitable<Found>> works;
  if (!look.names.empty()) works.push_back(find(client, std::move(look.names), at, deadline));
  for (v1::StructuredQuery& query : look.queries)
    works.push_back(find(client, std::move(query), at, deadline));
  std::vector<Documents> all;
  for (Found& found : co_await fetched::together(std::move(works))) {
    if (!found) co_return std::unexpected(std::move(found.error()));
    all.push_back(*std::move(found));
  }
  co_return all;
}

}  // namespace

std::expected<std::unique_ptr<FirestoreStore>, StoreError> FirestoreStore::open(
    const FirestoreOptions& options) {
  firestore::ClientOptions client{.project = options.project,
                                  .database = options.database,
                                  .emulator_host = options.emulator_host};
  if (client.emulator_host.empty()) {
    auto credentials = firestore::default_credentials();
    if (!credentials)
      return std::unexpected(
          StoreError{StoreError::Code::unavailable, std::move(credentials.error())});
    client.credentials = *std::move(credentials);
  }
  std::unique_ptr<FirestoreStore> store(new FirestoreStore(options, std::move(client)));
  auto preparing =
      boost::asio::co_spawn(store->loop_.executor(), store->prepare(), boost::asio::use_future);
  if (auto prepared = preparing.get(); !prepared)
    return std::unexpected(std::move(prepared.error()));
  return store;
}

FirestoreStore::FirestoreStore(const FirestoreOptions& options, firestore::ClientOptions client)
    : options_(options),
      names_(options.project, options.database),
      client_(std::move(client)),
      chain_(std::make_shared<firestore::Chain>()),
      checks_(loop_, client_, chain_, options.timeout),
      pace_(options.emulator_host.empty()),
      committer_(client_, names_, checks_, chain_, pace_, options.timeout) {}

FirestoreStore::~FirestoreStore() {
  on_news(nullptr);
  checks_.stop();
}

awaitable<std::expected<void, StoreError>> FirestoreStore::prepare() {
  auto newest = co_await checks_.begin(deadline());
  if (!newest) co_return std::unexpected(std::move(newest.error()));
  if (firestore::is_unfinished(**newest)) {
    co_return std::unexpected(
        StoreError{StoreError::Code::unavailable,
                   "a copy into the database did not come to its end; delete the database, create "
                   "it and copy again"});
  }
  committer_.begin_at(*std::move(newest));
  co_return std::expected<void, StoreError>{};
}

Deadline FirestoreStore::deadline() const {
  return std::chrono::steady_clock::now() + options_.timeout;
}

awaitable<std::expected<AppendResult, StoreError>> FirestoreStore::append(
    std::span<const Write> writes, const Stager& stager) {
  const auto next_portion = [&] { return firestore::portion_of(writes, options_.batch_size); };
  std::size_t count = next_portion();
  auto whole = co_await fetched::append(committer_, writes.first(count), stager);
  while (whole && count < writes.size()) {
    writes = writes.subspan(count);
    count = next_portion();
    auto next = co_await fetched::append(committer_, writes.first(count), stager);
    if (!next) {
      co_return std::unexpected(
          StoreError{StoreError::Code::unknown_outcome, std::move(next.error().message)});
    }
    firestore::join(*whole, *std::move(next));
  }
  co_return whole;
}

awaitable<std::expected<Store::PerformedAll, StoreError>> FirestoreStore::perform_all(
    std::span<const Operation* const> operations, base::UnixSeconds now, const Stager& stager) {
  return fetched::perform_all(committer_, operations, now, stager);
}

awaitable<std::expected<Store::Purged, StoreError>> FirestoreStore::purge_expired(
    base::UnixSeconds now, std::size_t max, const Stager& stager) {
  auto purged = co_await fetched::purge_expired(committer_, now, max, stager);
  if (purged) co_await forget_commits();
  co_return purged;
}

awaitable<void> FirestoreStore::forget_commits() {
  const auto newest = chain_->newest();
  const auto before = std::chrono::system_clock::now() - memory;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(before.time_since_epoch());
  auto got = co_await client_.run_query(
      firestore::commits_before(seconds.count(), forgotten_at_once), {}, deadline());
  if (!got) co_return;
  v1::CommitRequest request;
  for (const v1::Document& document : got->documents) {
    const std::string_view name = client_.relative_of(document.name());
    if (name != firestore::commit_name(newest->slot))
      *request.add_writes() = firestore::erase(names_, name);
  }
  if (request.writes_size() > 0) (void)co_await client_.commit(std::move(request), deadline());
}

awaitable<std::expected<std::shared_ptr<const CommitBatch>, StoreError>>
FirestoreStore::catch_up() {
  auto caught_up = co_await committer_.catch_up();
  if (!caught_up) co_return std::unexpected(std::move(caught_up.error()));
  if (caught_up->more && watch_) watch_->wake();
  co_return std::move(caught_up->batch);
}

void FirestoreStore::on_news(std::function<void()> wake) {
  watch_.reset();
  if (wake) watch_ = std::make_unique<firestore::Watch>(loop_, client_, chain_, std::move(wake));
}

awaitable<std::expected<Page, StoreError>> FirestoreStore::query(PageRequest request) {
  const Deadline until = deadline();
  auto checked = co_await checks_.check(until);
  if (!checked) co_return std::unexpected(std::move(checked.error()));
  const auto lease = readers_.lend();
  firestore::PageReader reader(
      request, {.last = checked->newest->last, .vanishing = checked->newest->vanishing}, names_,
      lease->parser, lease->sha256);
  while (!reader.done()) {
    auto found = co_await find_all(client_, reader.next_look(), checked->read_time, until);
    if (!found) co_return std::unexpected(std::move(found.error()));
    if (!reader.take(*found)) co_return damaged("an event");
  }
  co_return reader.take_page();
}

awaitable<std::expected<StoreInfo, StoreError>> FirestoreStore::info() {
  const Deadline until = deadline();
  auto checked = co_await checks_.check(until);
  if (!checked) co_return std::unexpected(std::move(checked.error()));
  auto rows = co_await client_.count(firestore::all_rows(), checked->read_time, until);
  if (!rows) co_return failed(rows.error());
  const firestore::Billed billed = client_.billed();
  StoreInfo info{.events = checked->newest->events,
                 .rows = *rows,
                 .last = checked->newest->last,
                 .details = {{"billed_reads", billed.reads},
                             {"billed_writes", billed.writes},
                             {"billed_deletes", billed.deletes}}};
  co_return info;
}

awaitable<std::expected<Values, StoreError>> FirestoreStore::get_rows(
    std::vector<std::string> keys) {
  std::vector<std::string> names;
  for (const std::string& key : keys) names.push_back(firestore::row_name(key));
  auto got = co_await client_.batch_get(names, {}, deadline());
  if (!got) co_return failed(got.error());
  Values values;
  for (const std::string& name : names) {
    const auto found = got->found.find(name);
    auto row = found == got->found.end() ? std::nullopt : firestore::row_in(found->second);
    if (found != got->found.end() && !row) co_return damaged("a row");
    values.push_back(row ? std::move(row->value) : std::nullopt);
  }
  co_return values;
}

awaitable<std::expected<RowPage, StoreError>> FirestoreStore::scan_rows(
    std::string prefix, std::optional<std::string> after, std::size_t max) {
  const std::size_t wanted = std::clamp<std::size_t>(max, 1, 1 << 20);
  const Deadline until = deadline();
  auto checked = co_await checks_.check(until);
  if (!checked) co_return std::unexpected(std::move(checked.error()));
  auto found = co_await find(client_, firestore::rows_below(names_, prefix, after, wanted + 1),
                             checked->read_time, until);
  if (!found) co_return std::unexpected(std::move(found.error()));
  RowPage page{.rows = {}, .next = {}, .snapshot = checked->newest->last};
  for (const v1::Document& document : *found) {
    if (page.rows.size() == wanted) {
      page.next = page.rows.back().key;
      break;
    }
    auto row = firestore::row_in(document);
    if (!row) co_return damaged("a row");
    page.rows.push_back({std::move(row->key), *std::move(row->value)});
  }
  co_return page;
}

awaitable<std::expected<Parcel, StoreError>> FirestoreStore::dump(std::optional<std::string> after,
                                                                  std::size_t max_bytes) {
  const Deadline until = deadline();
  auto checked = co_await checks_.check(until);
  if (!checked) co_return std::unexpected(std::move(checked.error()));
  const auto lease = readers_.lend();
  firestore::ParcelReader reader(after, max_bytes, checked->newest, names_);
  while (!reader.done()) {
    auto found = co_await find(client_, reader.next_query(), checked->read_time, until);
    if (!found) co_return std::unexpected(std::move(found.error()));
    if (!reader.take(*found, lease->parser)) co_return damaged("what is stored");
  }
  co_return reader.take_parcel();
}

awaitable<std::expected<void, StoreError>> FirestoreStore::load(const Parcel& parcel) {
  auto newest = co_await firestore::load(client_, names_, checks_, pace_, parcel, options_.timeout);
  if (!newest) co_return std::unexpected(std::move(newest.error()));
  committer_.begin_at(*std::move(newest));
  co_return std::expected<void, StoreError>{};
}

}  // namespace store
