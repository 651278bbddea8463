// What only a store on a disk of its own must show: it outlives the process, however that ends, and
// says what is wrong with a folder.
#include <lmdb.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "contract/concurrency.h"
#include "contract/contract.h"
#include "store/lmdb/lmdb_store.h"
#include "support/temp_folder.h"

namespace test {
namespace {

using store::LmdbStore;
using store::StoreError;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::size_t tiny_map = 128 * 1024;

class Lmdb : public testing::Test {
 protected:
  std::unique_ptr<LmdbStore> open(std::size_t map_bytes = std::size_t{1} << 30) {
    return must(LmdbStore::open({.path = path(), .map_bytes = map_bytes}));
  }
  StoreError open_error() {
    auto opened = LmdbStore::open({.path = path()});
    return opened ? StoreError{StoreError::Code::unavailable, "it opened"} : opened.error();
  }
  [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "db"; }

  static store::AppendResult add(store::Store& store, const std::vector<EventBuilder>& events,
                                 const store::Stager& stager = store::NoStager()) {
    return must(await(store.append(writes_of(events), stager)));
  }

 private:
  TempFolder folder_;
};

TEST_F(Lmdb, ReopeningKeepsEverythingAndNumbersGoOn) {
  TestStager stager;
  stager.on_stage = [](const auto&, const auto&) {
    return store::Staged{.changes = {{"x/a", "1"}}, .expires_at = 900, .mark = 4};
  };
  {
    const auto store = open();
    add(*store, {EventBuilder(1), EventBuilder(2).kind(0).at(5), EventBuilder(3)}, stager);
    add(*store, {EventBuilder(9).kind(5).tag({"e", hex(3)}).tag({"e", hex(4)})});
  }
  const auto store = open();
  const auto found = read_all(*store, nostr::Filter{});
  EXPECT_THAT(ids_of(found), ElementsAre(1, 9, 2));
  EXPECT_EQ(found[0].mark, 4);
  EXPECT_EQ(found[0].expires_at, 900);
  EXPECT_THAT(must(await(store->get_rows({"x/a"}))), ElementsAre("1"));

  const auto result = add(
      *store, {EventBuilder(1), EventBuilder(4), EventBuilder(6).kind(0).at(4), EventBuilder(5)});
  using enum store::Outcome;
  EXPECT_THAT(outcomes_of(result), ElementsAre(duplicate, deleted, stale, accepted));
  EXPECT_EQ(result.batch->events[0].seq, 5u);
}

TEST_F(Lmdb, NumbersGoOnAfterTheNewestEventIsGone) {
  must(await(open()->append({{write_of(EventBuilder(1), 100)}}, store::NoStager())));
  EXPECT_EQ(must(await(open()->purge_expired(100, 10, store::NoStager()))).batch->last, 2u);
  EXPECT_EQ(add(*open(), {EventBuilder(2)}).batch->events[0].seq, 3u);
}

TEST_F(Lmdb, ReopeningKeepsWhatIsStillToBeRemoved) {
  TestStager stager;
  stager.on_stage = [](const auto&, const auto&) {
    return store::Staged{.changes = {{"x/a", "1", 100}}};
  };
  {
    const auto store = open();
    std::vector<EventBuilder> notes;
    for (std::uint64_t id = 1; id <= store::Store::max_vanish_per_commit + 3; ++id) {
      notes.push_back(EventBuilder(id).at(5));
    }
    add(*store, notes, stager);
    auto request = write_of(EventBuilder(9000).kind(62).at(10));
    request.vanishes = true;
    must(await(store->append(std::span(&request, 1), store::NoStager())));
  }
  const auto store = open();
  EXPECT_THAT(ids_of(read_all(*store, nostr::Filter{})), ElementsAre(9000));
  EXPECT_EQ(must(await(store->purge_expired(100, 10, store::NoStager()))).removed, 4u);
  EXPECT_THAT(must(await(store->get_rows({"x/a"}))), ElementsAre(std::nullopt));
  EXPECT_THAT(outcomes_of(add(*store, {EventBuilder(1).at(5)})),
              ElementsAre(store::Outcome::deleted));
}

TEST_F(Lmdb, KilledProcessLosesNothingItAcknowledged) {
  int acknowledged[2];
  ASSERT_EQ(pipe(acknowledged), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto store = LmdbStore::open({.path = path(), .map_bytes = tiny_map});
    for (std::uint64_t id = 1; store; ++id) {
      auto event = EventBuilder(id).content(std::string(2000, 'x'));
      if (!await((*store)->append(
              writes_of(
                  {event, EventBuilder(id + 1'000'000).kind(0).at(static_cast<std::int64_t>(id))}),
              store::NoStager())))
        break;
      if (write(acknowledged[1], &id, sizeof id) != sizeof id) break;
    }
    _exit(1);
  }
  close(acknowledged[1]);
  std::uint64_t last = 0;
  while (last < 150 && read(acknowledged[0], &last, sizeof last) == sizeof last) {
  }
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  while (read(acknowledged[0], &last, sizeof last) == sizeof last) {
  }
  close(acknowledged[0]);
  ASSERT_GE(last, 150u);

  const auto store = open();
  const auto notes = ids_of(read_all(*store, FilterBuilder().kinds({1}).build()));
  EXPECT_GE(notes.size(), last);
  EXPECT_LE(notes.size(), last + 1);
  EXPECT_EQ(read_all(*store, FilterBuilder().kinds({0}).build()).size(), 1u);
  EXPECT_EQ(add(*store, {EventBuilder(5'000'000)}).batch->last, 2 * notes.size() + 1);
}

TEST_F(Lmdb, MapGrowsUnderReaders) {
  const auto store = open(tiny_map);
  read_while_appending(*store, {.commits = 40, .readers = 3, .content_bytes = 3000});
}

TEST_F(Lmdb, OneBatchMayNeedSeveralGrowths) {
  const auto store = open(tiny_map);
  std::vector<EventBuilder> events;
  for (std::uint64_t id = 1; id <= 100; ++id)
    events.push_back(EventBuilder(id).content(std::string(50'000, 'x')));
  EXPECT_EQ(add(*store, events).batch->events.size(), 100u);
  EXPECT_EQ(read_all(*store, nostr::Filter{}).size(), 100u);
}

TEST_F(Lmdb, PagesOfLargeEventsAreShort) {
  const auto store = open();
  std::vector<EventBuilder> events;
  for (std::uint64_t id = 1; id <= 30; ++id) {
    events.push_back(EventBuilder(id).content(std::string(400'000, 'x')));
  }
  add(*store, events);
  const auto page = read_page(*store, nostr::Filter{});
  EXPECT_EQ(page.events.size(), 11u) << "the first that reach 4 MiB";
  EXPECT_TRUE(page.next);
  EXPECT_EQ(read_all(*store, nostr::Filter{}).size(), 30u);
}

TEST_F(Lmdb, DatabaseLargerThanTheGivenMapOpens) {
  add(*open(), {EventBuilder(1).content(std::string(300'000, 'x'))});
  const auto store = open(tiny_map);
  add(*store, {EventBuilder(2).content(std::string(300'000, 'x'))});
  EXPECT_EQ(read_all(*store, nostr::Filter{}).size(), 2u);
}

TEST_F(Lmdb, FullDiskWritesNothingAndRecovers) {
  const auto store = open();
  add(*store, {EventBuilder(1)});
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = 512 * 1024, .rlim_max = before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const auto failed =
      await(store->append(writes_of({EventBuilder(2).content(std::string(400'000, 'x')),
                                     EventBuilder(3).content(std::string(400'000, 'x'))}),
                          store::NoStager()));
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);

  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().code, StoreError::Code::unknown_outcome);
  EXPECT_THAT(failed.error().message, HasSubstr("disk"));
  EXPECT_THAT(ids_of(read_all(*store, nostr::Filter{})), ElementsAre(1));
  EXPECT_EQ(add(*store, {EventBuilder(2)}).batch->last, 2u);
}

TEST_F(Lmdb, SecondOpenIsRefusedUntilTheFirstIsClosed) {
  auto store = open();
  EXPECT_THAT(open_error().message, AllOf(HasSubstr(path().string()), HasSubstr("another process"),
                                          HasSubstr("stop that relay")));
  store.reset();
  EXPECT_NO_THROW(open());
}

TEST_F(Lmdb, MakesTheFolderForItsUserAlone) {
  open();
  const auto permissions = std::filesystem::status(path()).permissions();
  EXPECT_EQ(permissions, std::filesystem::perms::owner_all);
}

TEST_F(Lmdb, FileInPlaceOfTheFolderIsNamed) {
  std::ofstream(path()) << "not a folder";
  EXPECT_THAT(open_error().message,
              AllOf(HasSubstr(path().string()), HasSubstr("not a directory")));
}

/// Root may read everything: for the length of a test it acts as somebody else.
class WithoutRoot {
 public:
  WithoutRoot() : was_root_(geteuid() == 0 && seteuid(nobody) == 0) {}
  ~WithoutRoot() {
    if (was_root_ && seteuid(0) != 0) std::abort();
  }
  WithoutRoot(const WithoutRoot&) = delete;

 private:
  static constexpr uid_t nobody = 65534;
  const bool was_root_;
};

TEST_F(Lmdb, FolderWithoutPermissionIsNamed) {
  std::filesystem::create_directory(path());
  std::filesystem::permissions(path(), std::filesystem::perms::none);
  std::string message;
  {
    const WithoutRoot somebody_else;
    message = open_error().message;
  }
  EXPECT_THAT(message, AllOf(HasSubstr(path().string()), HasSubstr("Permission denied"),
                             HasSubstr("give the relay's user")));
  std::filesystem::permissions(path(), std::filesystem::perms::owner_all);
}

TEST_F(Lmdb, ForeignFileIsCorrupt) {
  std::filesystem::create_directory(path());
  std::ofstream(path() / "data.mdb") << std::string(20'000, 'x');
  const auto error = open_error();
  EXPECT_EQ(error.code, StoreError::Code::corrupt);
  EXPECT_THAT(error.message, AllOf(HasSubstr(path().string()), HasSubstr("restore a backup")));
}

TEST_F(Lmdb, FileCutShortIsCorrupt) {
  add(*open(), {EventBuilder(1).content(std::string(500'000, 'x')),
                EventBuilder(2).content(std::string(500'000, 'x')),
                EventBuilder(3).content(std::string(500'000, 'x')),
                EventBuilder(4).content(std::string(500'000, 'x'))});
  std::filesystem::resize_file(path() / "data.mdb", 100'000);
  const auto error = open_error();
  EXPECT_EQ(error.code, StoreError::Code::corrupt);
  EXPECT_THAT(error.message, HasSubstr("unfinished copy"));
}

/// Puts one entry into a named database, as another program would.
void put_raw(const std::filesystem::path& folder, const char* name, std::string key,
             std::string value) {
  MDB_env* env = nullptr;
  MDB_txn* txn = nullptr;
  MDB_dbi dbi = 0;
  mdb_env_create(&env);
  mdb_env_set_maxdbs(env, 16);
  std::filesystem::create_directories(folder);
  ASSERT_EQ(mdb_env_open(env, folder.c_str(), 0, 0600), 0);
  ASSERT_EQ(mdb_txn_begin(env, nullptr, 0, &txn), 0);
  ASSERT_EQ(mdb_dbi_open(txn, name, MDB_CREATE, &dbi), 0);
  MDB_val raw_key{key.size(), key.data()}, raw_value{value.size(), value.data()};
  ASSERT_EQ(mdb_put(txn, dbi, &raw_key, &raw_value, 0), 0);
  ASSERT_EQ(mdb_txn_commit(txn), 0);
  mdb_env_close(env);
}

TEST_F(Lmdb, OtherFormatIsRefused) {
  open();
  put_raw(path(), "meta", "format", std::string("\0\0\0\0\0\0\0\1", 8));
  EXPECT_THAT(open_error().message, AllOf(HasSubstr(path().string()), HasSubstr("format 1"),
                                          HasSubstr("knows format 2"), HasSubstr("export")));
}

TEST_F(Lmdb, DatabaseOfAnotherProgramIsRefused) {
  put_raw(path(), "theirs", "key", "value");
  const auto error = open_error();
  EXPECT_EQ(error.code, StoreError::Code::corrupt);
  EXPECT_THAT(error.message, HasSubstr("not a gateway's"));
}

TEST_F(Lmdb, IndexEntryWithoutItsEventIsCorrupt) {
  add(*open(), {EventBuilder(1)});
  const std::string place = std::string(8, '\xff') + std::string(32, '\0');
  put_raw(path(), "by_time", place, std::string("\0\0\0\0\0\0\0\7", 8));
  const auto store = open();
  const nostr::Filter filter;
  const auto page =
      await(store->query({.filter = filter, .after = std::nullopt, .up_to = std::nullopt}));
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, StoreError::Code::corrupt);
}

TEST_F(Lmdb, RowKeyTooLongForTheDatabaseFailsTheCommit) {
  const auto store = open();
  TestStager stager;
  stager.on_stage = [](const auto&, const auto&) {
    return store::Staged{.changes = {{std::string(600, 'k'), "v"}}};
  };
  EXPECT_FALSE(await(store->append(writes_of({EventBuilder(1)}), stager)));
  EXPECT_THAT(read_all(*store, nostr::Filter{}), testing::IsEmpty());
}

}  // namespace
}  // namespace test
