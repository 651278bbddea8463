#include "app/store_access.h"

#include <fmt/format.h>

#include <limits>

#include "app/exit_code.h"
#include "app/wait_for.h"
#include "nostr/client_message.h"

namespace app {
namespace {

std::unique_ptr<store::Store> or_say(Opened opened) {
  if (opened) return *std::move(opened);
  fail(opened.error());
  return nullptr;
}

std::vector<std::pair<std::string, std::uint64_t>> entries_of(const store::StoreInfo& info) {
  std::vector<std::pair<std::string, std::uint64_t>> entries = {
      {"events", info.events}, {"rows", info.rows}, {"last_commit", info.last}};
  entries.insert(entries.end(), info.details.begin(), info.details.end());
  return entries;
}

}  // namespace

int fail(const std::string& message) {
  fmt::print(stderr, "error: {}\n", message);
  return failed;
}

Opened open_lasting(const config::Config& config,
                    const std::function<void(std::string_view)>& tell) {
  if (config.storage.backend == "memory") return open_store_to_read(config);  // says why not
  return open_store(config, tell);
}

std::unique_ptr<store::Store> open_to_write(const config::Config& config) {
  return or_say(open_lasting(config));
}

std::unique_ptr<store::Store> open_to_read(const config::Config& config) {
  return or_say(open_store_to_read(config));
}

bool is_in_a_folder(const config::Config& config, std::string_view instead) {
  const std::string& backend = config.storage.backend;
  if (backend == "lmdb") return true;
  fail(fmt::format("storage_backend = \"{}\" keeps nothing in a folder; {}", backend,
                   backend == "memory" ? "this command works on \"lmdb\"" : instead));
  return false;
}

int print_info(store::Store& store, bool json) {
  const auto info = wait_for(store.info());
  if (!info) return fail(info.error().message);
  std::string text;
  for (const auto& [name, number] : entries_of(*info)) {
    text += json ? fmt::format("{}\"{}\":{}", text.empty() ? '{' : ',', name, number)
                 : fmt::format("{:<12} {}\n", name, number);
  }
  fmt::print("{}{}", text, json ? "}\n" : "");
  return done;
}

std::optional<nostr::Filter> read_filter(const std::string& text) {
  base::Limits limits;
  limits.max_filter_values = std::numeric_limits<std::int64_t>::max();
  auto filter = nostr::MessageParser(limits).parse_filter(text);
  if (filter) return *std::move(filter);
  fail(fmt::format("the filter: {}; write it like '{{\"kinds\":[1],\"limit\":10}}'",
                   filter.error()));
  return std::nullopt;
}

}  // namespace app
