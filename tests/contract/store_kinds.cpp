#include "contract/store_kinds.h"

#include <stdexcept>

#include "store/lmdb/lmdb_store.h"
#include "store/memory/memory_store.h"
#include "support/temp_folder.h"
#ifdef GATEWAY_POSTGRES_FOLDER
#include "store/postgres/postgres_store.h"
#include "support/postgres_schema.h"
#endif
#ifdef GATEWAY_FIRESTORE
#include "store/firestore/firestore_store.h"
#include "support/firestore_database.h"
#endif

namespace test {
namespace {

OpenStore open_memory() { return {nullptr, std::make_unique<store::MemoryStore>()}; }

OpenStore open_lmdb() {
  auto folder = std::make_shared<TempFolder>();
  auto opened = store::LmdbStore::open({.path = folder->path() / "db"});
  if (!opened) throw std::runtime_error(opened.error().message);
  return {folder, *std::move(opened)};
}

#ifdef GATEWAY_POSTGRES_FOLDER
OpenStore open_postgres() {
  auto schema = std::make_shared<PostgresSchema>();
  auto opened = store::PostgresStore::open({.url = schema->url(), .readers = 2});
  if (!opened) throw std::runtime_error(opened.error().message);
  return {schema, *std::move(opened)};
}
#endif

#ifdef GATEWAY_FIRESTORE
OpenStore open_firestore() {
  auto database = std::make_shared<FirestoreDatabase>();
  auto opened = store::FirestoreStore::open(database->options());
  if (!opened) throw std::runtime_error(opened.error().message);
  return {database, *std::move(opened)};
}
#endif

}  // namespace

const std::vector<StoreKind>& store_kinds() {
  static const std::vector<StoreKind> kinds = {
      {"memory", open_memory},
      {"lmdb", open_lmdb},
#ifdef GATEWAY_POSTGRES_FOLDER
      {"postgres", open_postgres},
#endif
#ifdef GATEWAY_FIRESTORE
      {"firestore", open_firestore},
#endif
  };
  return kinds;
}

}  // namespace test
