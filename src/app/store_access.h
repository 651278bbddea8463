#pragma once
#include <expected>
#include <memory>
#include <string>

#include "app/settings.h"
#include "nostr/filter.h"
#include "store/lmdb/lmdb_store.h"

namespace app {

/// The store of the configuration, to read beside a relay that runs on it. Prints why not to stderr.
[[nodiscard]] std::unique_ptr<store::LmdbStore> open_to_read(const config::Config& config);

/// Is the store of the configuration one that lies in a folder? Else stderr says what to do.
[[nodiscard]] bool is_in_a_folder(const config::Config& config);

/// A NIP-01 filter as an operator writes it, of any size. Prints what is wrong with it to stderr.
[[nodiscard]] std::optional<nostr::Filter> read_filter(const std::string& text);

/// An error line on stderr; the exit code.
int fail(const std::string& message);

}  // namespace app
