#include "app/store_access.h"
#include "app/store_commands.h"

namespace app {

int cmd_info(const std::string& config_path, bool json) {
  Settings settings;
  if (!load(settings, config_path)) return failed;
  const auto store = open_to_read(settings.core);
  return store ? print_info(*store, json) : failed;
}

}  // namespace app
