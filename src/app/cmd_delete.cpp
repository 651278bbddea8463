#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "app/logger.h"
#include "app/parts.h"
#include "app/store_access.h"
#include "app/store_commands.h"
#include "app/wait_for.h"
#include "relay/staging.h"
#include "store/removal.h"
#include "store/walk.h"

namespace app {
namespace {

constexpr std::size_t slice = 500;

std::optional<nostr::Filter> filter_of(const DeleteWishes& wishes, base::UnixSeconds now) {
  if (wishes.filter.empty() && !wishes.age_days) {
    fail("say what to delete: --filter or --age");
    return std::nullopt;
  }
  auto filter = read_filter(wishes.filter.empty() ? "{}" : wishes.filter);
  if (!filter || !wishes.age_days) return filter;
  if (filter->until) {
    fail("the filter has an until of its own; leave out --age");
    return std::nullopt;
  }
  filter->until = now - *wishes.age_days * 86'400;
  return filter;
}

int count(const config::Config& config, const nostr::Filter& filter, base::UnixSeconds now) {
  const auto store = open_to_read(config);
  if (!store) return failed;
  const std::function<bool(const store::StoredEvent&)> next = [](const auto&) { return true; };
  const auto found = wait_for(store::walk_events(*store, filter, {.now = now}, next));
  if (!found) return fail(found.error().message);
  fmt::print("{} events would be deleted\n", *found);
  return done;
}

int remove(store::Store& store, const nostr::Filter& filter, base::UnixSeconds now,
           const store::Stager& stager) {
  const std::function<bool(const nostr::Event&)> all = [](const auto&) { return true; };
  std::uint64_t left = filter.limit.value_or(std::numeric_limits<std::uint64_t>::max());
  std::uint64_t removed = 0;
  std::optional<store::Position> after;
  do {
    const store::PageRequest page{.filter = filter,
                                  .after = after,
                                  .up_to = std::nullopt,
                                  .max_events = std::min<std::uint64_t>(slice, left - removed),
                                  .now = now};
    const auto step = wait_for(store::remove_page(store, page, all, stager));
    if (!step) {
      fmt::print("{} events deleted\n", removed);
      return fail(step.error().message);
    }
    removed += step->events;
    after = step->next;
  } while (after && removed < left);
  fmt::print("{} events deleted\n", removed);
  return done;
}

}  // namespace

int cmd_delete(const std::string& config_path, const DeleteWishes& wishes) {
  Settings settings;
  if (!load(settings, config_path)) return failed;
  const base::UnixSeconds now = base::system_now();
  const auto filter = filter_of(wishes, now);
  if (!filter) return failed;
  if (wishes.dry_run) return count(settings.core, *filter, now);
  const auto store = open_to_write(settings.core);
  if (!store) return failed;
  const relay::Staging staging(Parts(settings, make_log(settings.core.log)).all());
  return remove(*store, *filter, now, staging);
}

}  // namespace app
