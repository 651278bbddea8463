#include <fmt/format.h>

#include "app/store_access.h"
#include "app/store_commands.h"
#include "app/wait_for.h"

namespace app {
namespace {

std::vector<std::pair<std::string, std::uint64_t>> entries_of(const store::StoreInfo& info) {
  std::vector<std::pair<std::string, std::uint64_t>> entries = {
      {"events", info.events}, {"rows", info.rows}, {"last_commit", info.last}};
  entries.insert(entries.end(), info.details.begin(), info.details.end());
  return entries;
}

}  // namespace

int cmd_info(const std::string& config_path, bool json) {
  Settings settings;
  if (!load(settings, config_path)) return failed;
  const auto store = open_to_read(settings.core);
  if (!store) return failed;
  const auto info = wait_for(store->info());
  if (!info) return fail(info.error().message);
  std::string text;
  for (const auto& [name, number] : entries_of(*info)) {
    text += json ? fmt::format("{}\"{}\":{}", text.empty() ? '{' : ',', name, number)
                 : fmt::format("{:<12} {}\n", name, number);
  }
  fmt::print("{}{}", text, json ? "}\n" : "");
  return done;
}

}  // namespace app
