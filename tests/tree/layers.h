#pragma once
// Which layer may include what: the arrows of ARCHITECTURE.md, which only point down.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct Layer {
  std::string_view folder;  ///< below src/
  std::vector<std::string_view>
      may_include;  ///< layers, or single headers of a layer; "*" = everything
};

/// Siblings (net, extensions, stores) do not name each other.
inline const std::vector<Layer> layers = {
    {"base", {}},
    {"nostr", {"base"}},
    {"mls", {"base"}},
    {"store", {"nostr", "base"}},
    {"store/memory", {"store", "nostr", "base"}},
    {"store/lmdb", {"store", "nostr", "base"}},
    {"store/fetched", {"store", "nostr", "base"}},
    {"store/postgres", {"store/fetched", "store", "nostr", "base"}},
    {"store/firestore", {"store/fetched", "store", "nostr", "base"}},
    {"relay/extension", {"store", "nostr", "base"}},
    {"relay", {"relay/extension", "store", "nostr", "base"}},
    {"net", {"relay/transport.h", "relay/send_queue.h", "relay/extension", "base"}},
    {"extensions/auth",
     {"relay/extension", "store/rows.h", "store/stager.h", "store/operation.h", "store/store.h",
      "nostr", "base"}},
    {"extensions/retention", {"relay/extension", "nostr", "base"}},
    {"extensions/mls_gateway",
     {"relay/extension", "store/rows.h", "store/stager.h", "store/operation.h", "store/store.h",
      "mls", "nostr", "base"}},
    {"extensions/rate_limiter",
     {"relay/extension", "store/rows.h", "store/stager.h", "store/operation.h", "store/store.h",
      "nostr", "base"}},
    {"extensions/access",
     {"relay/extension", "store/rows.h", "store/stager.h", "store/operation.h", "store/store.h",
      "nostr", "base"}},
    {"extensions/management",
     {"relay/extension", "store/rows.h", "store/stager.h", "store/operation.h", "store/store.h",
      "nostr", "base"}},
    {"extensions/write_policy",
     {"relay/extension", "store/rows.h", "store/stager.h", "store/operation.h", "store/store.h",
      "nostr", "base"}},
    {"extensions/search", {"relay/extension", "store/rows.h", "store/stager.h", "nostr", "base"}},
    {"extensions/metrics",
     {"relay/extension", "store/rows.h", "store/stager.h", "store/call_observer.h", "nostr",
      "base"}},
    {"config", {"nostr", "base"}},
    {"client", {"nostr", "base"}},
    {"app", {"*"}},
};

/// The layer of a path below src/ ("store/lmdb/env.h" -> "store/lmdb"): the longest folder that
/// holds it.
[[nodiscard]] const Layer* layer_of(std::string_view path);

/// May `file` include `header`, both below src/? nullopt: yes; else why not.
[[nodiscard]] std::optional<std::string> wrong_include(std::string_view file,
                                                       std::string_view header);
