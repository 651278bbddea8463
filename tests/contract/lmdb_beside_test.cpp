// What other processes do with a folder that one writes to: read it, copy it, compact it afterwards.
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "contract/contract.h"
#include "store/lmdb/copies.h"
#include "store/lmdb/lmdb_store.h"
#include "support/temp_folder.h"

namespace test {
namespace {

using store::LmdbStore;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::size_t tiny_map = 128 * 1024;

/// Another process, for LMDB wants no folder opened twice in one. `work` says whether all was well.
class OtherProcess {
 public:
  explicit OtherProcess(const std::function<bool(OtherProcess&)>& work) {
    if (pipe(to_child_) != 0 || pipe(to_parent_) != 0) throw std::runtime_error("pipe");
    child_ = fork();
    if (child_ != 0) return;
    bool well = false;
    try {
      well = work(*this);
    } catch (...) {
    }
    _exit(well ? 0 : 1);
  }
  ~OtherProcess() {
    for (const int fd : {to_child_[0], to_child_[1], to_parent_[0], to_parent_[1]}) close(fd);
  }
  OtherProcess(const OtherProcess&) = delete;

  // Said by the child, heard by the parent.
  void say() const { ASSERT_EQ(write(to_parent_[1], "x", 1), 1); }
  void hear() const { take(to_parent_[0]); }
  // The other way round.
  void go_on() const { ASSERT_EQ(write(to_child_[1], "x", 1), 1); }
  void wait_for_word() const { take(to_child_[0]); }

  [[nodiscard]] bool was_well() const {
    int status = 0;
    waitpid(child_, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

 private:
  static void take(int fd) {
    char byte = 0;
    ASSERT_EQ(read(fd, &byte, 1), 1);
  }
  pid_t child_;
  int to_child_[2], to_parent_[2];
};

class LmdbBeside : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "db"; }
  [[nodiscard]] std::filesystem::path other(const char* name) const {
    return folder_.path() / name;
  }
  std::unique_ptr<LmdbStore> open(std::size_t map_bytes = std::size_t{1} << 30) {
    return must(LmdbStore::open({.path = path(), .map_bytes = map_bytes}));
  }
  static void add(store::Store& store, std::uint64_t from, std::uint64_t to,
                  std::size_t content = 10) {
    std::vector<EventBuilder> events;
    for (std::uint64_t id = from; id <= to; ++id)
      events.push_back(EventBuilder(id).content(std::string(content, 'x')));
    must(await(store.append(writes_of(events), store::NoStager())));
  }
  static std::size_t count(store::Store& store) { return read_all(store, nostr::Filter{}).size(); }
  static std::string error_of(const std::expected<store::Compacted, store::StoreError>& result) {
    return result ? "it was compacted" : result.error().message;
  }

 private:
  TempFolder folder_;
};

TEST_F(LmdbBeside, AReaderSeesCommitsAndFollowsTheGrowingMap) {
  const auto store = open(tiny_map);
  add(*store, 1, 3);
  const OtherProcess reader([&](OtherProcess& self) {
    const auto mine = must(LmdbStore::open_to_read(path()));
    if (count(*mine) != 3) return false;
    self.say();
    self.wait_for_word();
    return count(*mine) == 203 && must(await(mine->info())).events == 203;
  });
  reader.hear();
  add(*store, 4, 203, 5000);
  reader.go_on();
  EXPECT_TRUE(reader.was_well());
}

TEST_F(LmdbBeside, AReaderCannotWrite) {
  open();
  const auto store = must(LmdbStore::open_to_read(path()));
  EXPECT_FALSE(await(store->append(writes_of({EventBuilder(1)}), store::NoStager())));
}

TEST_F(LmdbBeside, ReadingMakesNothing) {
  const auto missing = LmdbStore::open_to_read(path());
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, AllOf(HasSubstr(path().string()), HasSubstr("data.path")));
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(LmdbBeside, AReaderThatWasKilledHoldsUpNothing) {
  auto store = open();
  add(*store, 1, 3);
  {
    const OtherProcess reader([&](OtherProcess&) -> bool {
      const auto mine = must(LmdbStore::open_to_read(path()));
      count(*mine);
      _exit(0);  // as killed: nothing is closed
    });
    EXPECT_TRUE(reader.was_well());
  }
  must(await(store->purge_expired(1, 1, store::NoStager())));
  store.reset();
  EXPECT_TRUE(store::compact_lmdb(path()));
}

TEST_F(LmdbBeside, ABackupIsAStoreAsItWas) {
  const auto store = open();
  add(*store, 1, 50, 2000);
  const OtherProcess copier([&](OtherProcess&) {
    return must(LmdbStore::open_to_read(path()))->back_up(other("copy")).has_value();
  });
  EXPECT_TRUE(copier.was_well());
  add(*store, 51, 60);
  const auto copy = must(LmdbStore::open({.path = other("copy")}));
  EXPECT_EQ(count(*copy), 50u);
  EXPECT_EQ(must(await(copy->info())).last, 50u);
  add(*copy, 100, 101);
  EXPECT_EQ(count(*copy), 52u);
}

TEST_F(LmdbBeside, ABackupTakesNobodysPlace) {
  const auto store = open();
  add(*store, 1, 2);
  std::filesystem::create_directory(other("taken"));
  std::ofstream(other("taken") / "file") << "mine";
  const auto refused = store->back_up(other("taken"));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("not an empty folder"));
  EXPECT_FALSE(std::filesystem::exists(other("taken") / "data.mdb"));
  // An empty folder, and what an interrupted backup left, are in nobody's way.
  std::filesystem::create_directory(other("empty"));
  std::filesystem::create_directory(other("empty.partial"));
  std::ofstream(other("empty.partial") / "data.mdb") << "half";
  EXPECT_TRUE(store->back_up(other("empty")));
  EXPECT_FALSE(std::filesystem::exists(other("empty.partial")));
  EXPECT_EQ(count(*must(LmdbStore::open_to_read(other("empty")))), 2u);
}

TEST_F(LmdbBeside, CompactingKeepsEverythingAndGivesSpaceBack) {
  {
    const auto store = open();
    add(*store, 1, 300, 5000);
    must(await(store->append(writes_of({EventBuilder(9000).kind(5).tag({"e", hex(7)})}),
                             store::NoStager())));
    add(*store, 301, 302);
    std::vector<EventBuilder> deletions;
    for (std::uint64_t id = 10; id <= 290; ++id)
      deletions.push_back(EventBuilder(9000 + id).kind(5).tag({"e", hex(id)}));
    must(await(store->append(writes_of(deletions), store::NoStager())));
  }
  const auto before = must(await(must(LmdbStore::open_to_read(path()))->info()));
  const auto compacted = must(store::compact_lmdb(path()));
  EXPECT_LT(compacted.bytes_after, compacted.bytes_before / 2);
  EXPECT_EQ(std::filesystem::file_size(path() / "data.mdb"), compacted.bytes_after);
  EXPECT_FALSE(std::filesystem::exists(path() / "compact.tmp"));
  const auto store = open();
  EXPECT_EQ(must(await(store->info())).events, before.events);
  EXPECT_EQ(must(await(store->info())).last, before.last);
  EXPECT_THAT(
      outcomes_of(must(await(store->append(writes_of({EventBuilder(7)}), store::NoStager())))),
      ElementsAre(store::Outcome::deleted));
}

TEST_F(LmdbBeside, CompactingWaitsForNobody) {
  auto store = open();
  add(*store, 1, 2);
  EXPECT_THAT(error_of(store::compact_lmdb(path())), HasSubstr("another process has it open"));
  store.reset();
  const OtherProcess reader([&](OtherProcess& self) {
    const auto mine = must(LmdbStore::open_to_read(path()));
    self.say();
    self.wait_for_word();
    return count(*mine) == 2;
  });
  reader.hear();
  EXPECT_THAT(error_of(store::compact_lmdb(path())),
              HasSubstr("an export, scan or backup reads it"));
  reader.go_on();
  EXPECT_TRUE(reader.was_well());
  EXPECT_TRUE(store::compact_lmdb(path()));
  EXPECT_THAT(error_of(store::compact_lmdb(other("nowhere"))), HasSubstr("no database is there"));
}

}  // namespace
}  // namespace test
