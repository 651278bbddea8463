#pragma once
// What commands on a store share. Errors go to stderr.
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/open_store.h"
#include "app/settings.h"
#include "nostr/filter.h"

namespace app {

/// The store of the configuration, for a command that writes: one that outlasts it.
[[nodiscard]] Opened open_lasting(const config::Config& config,
                                  const std::function<void(std::string_view)>& tell = {});
/// The same, with the error on stderr.
[[nodiscard]] std::unique_ptr<store::Store> open_to_write(const config::Config& config);
/// To read beside a relay that runs on it. Prints why not.
[[nodiscard]] std::unique_ptr<store::Store> open_to_read(const config::Config& config);

/// Does the store of the configuration lie in a folder? Else prints `instead`, what to do on a database.
[[nodiscard]] bool is_in_a_folder(const config::Config& config, std::string_view instead);

/// What is stored, and how much, on stdout; an ExitCode.
int print_info(store::Store& store, bool json);

/// A NIP-01 filter as an operator writes it, of any size. Prints what is wrong with it.
[[nodiscard]] std::optional<nostr::Filter> read_filter(const std::string& text);

/// An error line; the exit code.
int fail(const std::string& message);

}  // namespace app
