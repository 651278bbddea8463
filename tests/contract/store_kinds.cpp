#include "contract/store_kinds.h"

#include <stdexcept>

#include "store/lmdb/lmdb_store.h"
#include "store/memory/memory_store.h"
#include "support/temp_folder.h"

namespace test {
namespace {

OpenStore open_memory() { return {nullptr, std::make_unique<store::MemoryStore>()}; }

OpenStore open_lmdb() {
  auto folder = std::make_shared<TempFolder>();
  auto opened = store::LmdbStore::open({.path = folder->path() / "db"});
  if (!opened) throw std::runtime_error(opened.error().message);
  return {folder, *std::move(opened)};
}

}  // namespace

const std::vector<StoreKind>& store_kinds() {
  static const std::vector<StoreKind> kinds = {{"memory", open_memory}, {"lmdb", open_lmdb}};
  return kinds;
}

}  // namespace test
