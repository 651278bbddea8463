// A copy into a folder (Store::load): whole or of no use.
#include "contract/contract.h"
#include "store/lmdb/lmdb_store.h"
#include "store/memory/memory_store.h"
#include "support/temp_folder.h"

namespace test {
namespace {

using store::LmdbStore;
using testing::ElementsAre;
using testing::HasSubstr;

class LmdbCopy : public testing::Test {
 protected:
  [[nodiscard]] auto try_open(std::size_t map_bytes = std::size_t{1} << 30) const {
    return LmdbStore::open({.path = path(), .map_bytes = map_bytes});
  }
  [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "db"; }

  void fill(std::uint64_t events) {
    std::vector<EventBuilder> list;
    for (std::uint64_t id = 1; id <= events; ++id) list.push_back(EventBuilder(id));
    must(await(original_.append(writes_of(list), store::NoStager())));
  }

  store::MemoryStore original_;

 private:
  TempFolder folder_;
};

TEST_F(LmdbCopy, DoesNotOpenBeforeItIsWhole) {
  fill(2);
  const auto first = must(await(original_.dump(std::nullopt, 1)));
  const auto second = must(await(original_.dump(first.next, 1)));
  ASSERT_TRUE(await(must(try_open())->load(first)));
  const auto remedy = HasSubstr("remove the folder and copy again");
  EXPECT_THAT(try_open().error().message, remedy);
  EXPECT_THAT(LmdbStore::open_to_read(path()).error().message, remedy);

  std::filesystem::remove_all(path());
  {
    const auto store = must(try_open());
    ASSERT_TRUE(await(store->load(first)));
    ASSERT_TRUE(await(store->load(second)));
  }
  EXPECT_THAT(ids_of(read_all(*must(try_open()), nostr::Filter{})), ElementsAre(1, 2));
}

TEST_F(LmdbCopy, GrowsTheMap) {
  fill(500);
  const auto store = must(try_open(128 * 1024));
  ASSERT_TRUE(await(store->load(must(await(original_.dump(std::nullopt, 1 << 20))))));
  EXPECT_EQ(must(await(store->info())).events, 500u);
}

}  // namespace
}  // namespace test
