#include <fmt/format.h>

#include "app/commands.h"
#include "app/settings.h"
#include "config/reference.h"

namespace app {

int cmd_check_config(const std::string& config_path) {
  Settings settings;
  if (!load(settings, config_path)) return 1;
  fmt::print("{}: ok\n", config_path);
  return 0;
}

int cmd_config_reference() {
  Settings settings;
  fmt::print("{}", config::reference_markdown(declare(settings)));
  return 0;
}

}  // namespace app
