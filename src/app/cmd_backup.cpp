#include <fmt/format.h>

#include "app/store_access.h"
#include "app/store_commands.h"

namespace app {

int cmd_backup(const std::string& config_path, const std::string& destination) {
  Settings settings;
  if (!load(settings, config_path)) return failed;
  const auto store = open_to_read(settings.core);
  if (!store) return failed;
  if (const auto backed_up = store->back_up(destination); !backed_up)
    return fail(backed_up.error().message);
  fmt::print("{}: a store as it was just now; set data.path to it to use it\n", destination);
  return done;
}

}  // namespace app
