#include <fmt/format.h>

#include "app/event_printer.h"
#include "app/store_access.h"
#include "app/store_commands.h"
#include "app/wait_for.h"
#include "store/walk.h"

namespace app {

int cmd_scan(const std::string& config_path, const ScanWishes& wishes) {
  Settings settings;
  if (!load(settings, config_path)) return failed;
  const auto filter = read_filter(wishes.filter);
  if (!filter) return failed;
  const auto store = open_to_read(settings.core);
  if (!store) return failed;
  if (!wishes.count)
    return print_events(*store, *filter, false, wishes.ids ? Print::ids : Print::events);
  const std::function<bool(const store::StoredEvent&)> next = [](const auto&) { return true; };
  const auto count =
      wait_for(store::walk_events(*store, *filter, {.now = base::system_now()}, next));
  if (!count) return fail(count.error().message);
  fmt::print("{}\n", *count);
  return done;
}

}  // namespace app
