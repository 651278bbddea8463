#include "app/event_printer.h"
#include "app/store_access.h"
#include "app/store_commands.h"

namespace app {

int cmd_export(const std::string& config_path, const ExportWishes& wishes) {
  Settings settings;
  if (!load(settings, config_path)) return failed;
  auto filter = read_filter(wishes.filter);
  if (!filter) return failed;
  if ((wishes.since && filter->since) || (wishes.until && filter->until))
    return fail("the filter has a since or until of its own; give it once");
  if (wishes.since) filter->since = wishes.since;
  if (wishes.until) filter->until = wishes.until;
  const auto store = open_to_read(settings.core);
  if (!store) return failed;
  return print_events(*store, *filter, !wishes.reverse, Print::events, wishes.packing);
}

}  // namespace app
