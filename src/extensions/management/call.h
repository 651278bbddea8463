#pragma once
// A call of NIP-86 as it comes: {"method": name, "params": [...]}. Pure; everything in it is bounded and checked.
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ip_network.h"
#include "nostr/event.h"
#include "nostr/kinds.h"

namespace extensions::management {

inline constexpr std::size_t max_reason_bytes = 256;

/// null, a text, or a whole number.
using Param = std::variant<std::monostate, std::string, std::int64_t>;
using Params = std::vector<Param>;

struct Call {
  std::string method;
  Params params;  ///< none when left out
};

template <typename T>
using Parsed = std::expected<T, std::string>;  ///< the error says what would do

[[nodiscard]] Parsed<Call> parse_call(std::string_view body);

/// The same, written: a parameter of digits is a number where `method` takes one.
[[nodiscard]] std::string write_call(std::string_view method,
                                     const std::vector<std::string>& params);

// What stands first among the parameters of a method; a reason may follow, nothing else.
[[nodiscard]] Parsed<nostr::PublicKey> key_param(const Params& params);
[[nodiscard]] Parsed<nostr::EventId> event_param(const Params& params);
[[nodiscard]] Parsed<nostr::Kind> kind_param(const Params& params);
[[nodiscard]] Parsed<base::IpNetwork> network_param(const Params& params);
/// The only parameter: a text of at most `max_bytes`; "" is one.
[[nodiscard]] Parsed<std::string> text_param(const Params& params, std::size_t max_bytes);

/// "" when left out.
[[nodiscard]] Parsed<std::string> reason_param(const Params& params);

}  // namespace extensions::management
