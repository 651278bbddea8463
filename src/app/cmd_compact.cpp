#include <fmt/format.h>

#include "app/store_access.h"
#include "app/store_commands.h"
#include "store/lmdb/copies.h"

namespace app {

int cmd_compact(const std::string& config_path) {
  Settings settings;
  if (!load(settings, config_path) ||
      !is_in_a_folder(settings.core,
                      "Firestore needs no such thing; PostgreSQL uses freed space again by itself "
                      "(autovacuum), "
                      "and VACUUM FULL gives it back to the file system"))
    return failed;
  const auto compacted = store::compact_lmdb(settings.core.data.path);
  if (!compacted) return fail(compacted.error().message);
  fmt::print("{} bytes before, {} bytes now\n", compacted->bytes_before, compacted->bytes_after);
  return done;
}

}  // namespace app
