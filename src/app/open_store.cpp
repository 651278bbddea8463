#include "app/open_store.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "store/lmdb/lmdb_store.h"
#include "store/memory/memory_store.h"
#ifdef GATEWAY_POSTGRES
#include "store/postgres/postgres_store.h"
#endif
#ifdef GATEWAY_FIRESTORE
#include "store/firestore/firestore_store.h"
#endif

namespace app {
namespace {

enum class Access { read, write };
using Tell = std::function<void(std::string_view)>;
template <typename Kind>
using OpenedAs = std::expected<std::unique_ptr<Kind>, store::StoreError>;

template <typename Kind>
Opened opened(OpenedAs<Kind> store) {
  if (store) return *std::move(store);
  return std::unexpected(fmt::format("Failed to connect to database: {}", store.error().message));
}

Opened open_memory(Access access) {
  if (access == Access::write) return std::make_unique<store::MemoryStore>();
  return std::unexpected(
      "storage_backend = \"memory\" keeps nothing outside of the relay's own process; this command "
      "works on a store that lasts");
}

Opened open_lmdb(const config::Data& data, Access access, const Tell& tell) {
  if (access == Access::read) return opened(store::LmdbStore::open_to_read(data.path));
  std::error_code error;
  const bool is_new =
      !std::filesystem::exists(std::filesystem::path(data.path) / "data.mdb", error);
  auto store = opened(store::LmdbStore::open(
      {.path = data.path, .map_bytes = static_cast<std::size_t>(data.map_size_mb) << 20}));
  if (store && is_new && tell) tell(fmt::format("made an empty store in {}", data.path));
  return store;
}

#ifdef GATEWAY_POSTGRES
/// Whoever reads may do so beside all others.
Opened open_postgres(const config::Storage& storage, const Tell& tell) {
  return opened(
      store::PostgresStore::open({.url = storage.database_url,
                                  .readers = static_cast<std::size_t>(storage.database_connections),
                                  .timeout = std::chrono::seconds(storage.database_timeout_s),
                                  .tell = tell}));
}
#endif

#ifdef GATEWAY_FIRESTORE
/// Whoever reads may do so beside all others.
Opened open_firestore(const config::Storage& storage) {
  const char* emulator = std::getenv("FIRESTORE_EMULATOR_HOST");
  return opened(store::FirestoreStore::open(
      {.project = storage.project_id,
       .database = storage.firestore_database,
       .emulator_host = emulator ? emulator : "",
       .batch_size = static_cast<std::size_t>(storage.firestore_batch_size),
       .timeout = std::chrono::seconds(storage.database_timeout_s)}));
}
#endif

Opened open(const config::Config& config, Access access, const Tell& tell) {
  const std::string& backend = config.storage.backend;
  if (backend == "memory") return open_memory(access);
  if (backend == "lmdb") return open_lmdb(config.data, access, tell);
#ifdef GATEWAY_POSTGRES
  if (backend == "postgres" || backend == "cloudsql") return open_postgres(config.storage, tell);
#endif
#ifdef GATEWAY_FIRESTORE
  if (backend == "firestore") return open_firestore(config.storage);
#endif
  return std::unexpected(
      fmt::format("storage_backend = \"{}\" is not part of this build", backend));
}

}  // namespace

Opened open_store(const config::Config& config, const Tell& tell) {
  return open(config, Access::write, tell);
}

Opened open_store_to_read(const config::Config& config) { return open(config, Access::read, {}); }

std::string place_of(const config::Storage& storage, const config::Data& data) {
  if (storage.backend == "lmdb") return data.path;
  if (storage.backend == "memory") return "memory only";
  return fmt::format("a database ({})", storage.backend);
}

}  // namespace app
