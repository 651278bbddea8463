#include "app/store_access.h"

#include <fmt/format.h>

#include <limits>

#include "app/exit_code.h"
#include "nostr/client_message.h"

namespace app {

int fail(const std::string& message) {
  fmt::print(stderr, "error: {}\n", message);
  return failed;
}

bool is_in_a_folder(const config::Config& config) {
  if (config.storage.backend == "lmdb") return true;
  fail(fmt::format(
      "storage_backend = \"{}\" keeps nothing in a folder; this command works on \"lmdb\"",
      config.storage.backend));
  return false;
}

std::unique_ptr<store::LmdbStore> open_to_read(const config::Config& config) {
  if (!is_in_a_folder(config)) return nullptr;
  auto opened = store::LmdbStore::open_to_read(config.data.path);
  if (opened) return *std::move(opened);
  fail(opened.error().message);
  return nullptr;
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
