#pragma once
// The relay information document (NIP-11): made from what is on and enforced, nothing else.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.h"

namespace nostr {

/// A price that the operator names; the relay itself takes no money.
struct Fee {
  std::string for_what;  ///< "admission" | "subscription" | "publication"
  std::int64_t amount = 0;
  std::string unit;                        ///< "msats"
  std::optional<std::int64_t> period_s{};  ///< of a subscription
  std::vector<std::int64_t> kinds{};       ///< of a publication; none: all
};

/// "admission 1000000 msats", "subscription 5000000 msats 2592000" (seconds), "publication 100 msats 4 5" (kinds).
[[nodiscard]] std::optional<Fee> parse_fee(std::string_view text);

/// Texts and lists that are empty are left out of the document.
struct RelayInfo {
  std::string name{}, description{}, pubkey{}, contact{}, icon{}, version{};
  std::vector<int> supported_nips{};  ///< any order; written sorted, each once
  bool auth_required = false;
  bool restricted_writes = false;
  base::Limits limits{};
  std::string banner{}, self{}, terms_of_service{}, privacy_policy{}, posting_policy{},
      payments_url{};
  std::vector<std::string> relay_countries{}, language_tags{}, tags{};
  std::vector<Fee> fees{};
  std::string retention{};  ///< a JSON array: how long what is kept
  std::string software = "mls-gateway";
  /// Further members of the document: name and JSON.
  std::vector<std::pair<std::string, std::string>> more{};
};

/// JSON, UTF-8.
[[nodiscard]] std::string information_document(const RelayInfo& info);

}  // namespace nostr
