#pragma once
// The store that a configuration names. The only place that knows which kinds there are.
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "config/config.h"
#include "store/store.h"

namespace app {

/// The error says what to do; it holds no password.
using Opened = std::expected<std::unique_ptr<store::Store>, std::string>;

/// To read and write. Makes what is missing and brings it to the form that this version keeps; `tell` hears of each such
/// change, one sentence.
[[nodiscard]] Opened open_store(const config::Config& config,
                                const std::function<void(std::string_view)>& tell = {});
/// What is there, to read beside whoever writes.
[[nodiscard]] Opened open_store_to_read(const config::Config& config);

/// Where it keeps what it keeps, for people.
[[nodiscard]] std::string place_of(const config::Storage& storage, const config::Data& data);

}  // namespace app
