#include <fmt/format.h>

#include "app/store_access.h"
#include "app/store_commands.h"
#include "store/lmdb/lmdb_store.h"

namespace app {

int cmd_backup(const std::string& config_path, const std::string& destination) {
  Settings settings;
  if (!load(settings, config_path) ||
      !is_in_a_folder(settings.core,
                      "back the database up with pg_dump, with the backups of Cloud SQL, or with "
                      "\"gcloud firestore export\""))
    return failed;
  const auto store = store::LmdbStore::open_to_read(settings.core.data.path);
  if (!store) return fail(store.error().message);
  if (const auto backed_up = (*store)->back_up(destination); !backed_up)
    return fail(backed_up.error().message);
  fmt::print("{}: a store as it was just now; set data.path to it to use it\n", destination);
  return done;
}

}  // namespace app
