#pragma once
// A gateway's decisions over a store in memory, as the relay makes them, for events made of fuzzed
// bytes.
#include <fuzzer/FuzzedDataProvider.h>

#include <map>
#include <string>
#include <vector>

#include "check.h"
#include "extensions/mls_gateway/event_shape.h"
#include "extensions/mls_gateway/extension.h"
#include "nostr/kinds.h"
#include "store/memory/memory_store.h"
#include "support/await.h"

namespace fuzzed {

using Rows = std::map<std::string, std::string>;

/// One of a few keys or ids, so that they meet.
inline base::Bytes32 bytes32(std::uint64_t number) {
  base::Bytes32 value;
  for (std::size_t i = 0; i < 8; ++i)
    value.bytes[31 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  return value;
}

inline nostr::PublicKey pick_key(FuzzedDataProvider& bytes) {
  return bytes32(bytes.ConsumeIntegralInRange<std::uint64_t>(1, 6));
}

/// Keys that a connection proved, each once; perhaps none.
inline nostr::ViewerPtr pick_viewer(FuzzedDataProvider& bytes) {
  auto viewer = std::make_shared<nostr::Viewer>();
  for (auto left = bytes.ConsumeIntegralInRange(0, 3); left > 0; --left) {
    const auto key = pick_key(bytes);
    if (!viewer->proves(key)) viewer->keys.push_back(key);
  }
  return viewer;
}

inline void add_tag(nostr::Event& event, std::string_view name, std::string_view value) {
  event.tags.begin_tag();
  event.tags.add_string(name);
  event.tags.add_string(value);
}

/// Nothing in it needs escaping.
inline void set_content(nostr::Event& event, std::string_view content) {
  event.json.assign("\"").append(content).append("\"");
  event.content_begin = 0;
  event.content_end = static_cast<std::uint32_t>(event.json.size());
}

/// What happened to one event.
struct Published {
  bool well_formed = false;  ///< it reached the store
  store::WriteResult result{};
};

class GatewayStore {
 public:
  explicit GatewayStore(extensions::mls_gateway::Config config)
      : config_(std::move(config)), gateway_(config_, nullptr) {}

  Published publish(nostr::EventPtr event, nostr::ViewerPtr viewer) {
    const relay::EventContext context{*event, *viewer, peer_, now, 0};
    if (extensions::mls_gateway::check_shape(config_, context).denied()) return {};
    const bool vanishes = event->kind == nostr::kind::vanish;
    const std::vector<store::Write> writes{{.event = std::move(event),
                                            .viewer = std::move(viewer),
                                            .received_at = now,
                                            .expires_at = {},
                                            .vanishes = vanishes}};
    const auto appended = test::await(store_.append(writes, gateway_));
    check(appended.has_value(), "the store in memory never fails");
    return {true, appended->results.front()};
  }

  [[nodiscard]] std::expected<std::vector<store::StoredEvent>, store::Refusal> perform(
      const store::Operation& operation) {
    auto performed = test::await(store_.perform(operation, now, gateway_));
    check(performed.has_value(), "the store in memory never fails");
    return std::move(performed->outcome);
  }

  void purge() { (void)test::await(store_.purge_expired(now, 100, gateway_)); }

  [[nodiscard]] Rows rows() {
    Rows rows;
    auto page = test::await(store_.scan_rows("mls_gateway/", std::nullopt, 100'000));
    check(page && !page->next, "all rows fit in a page");
    for (store::Row& row : page->rows) rows.emplace(std::move(row.key), std::move(row.value));
    return rows;
  }

  /// Those that have not expired.
  [[nodiscard]] std::vector<store::StoredEvent> events(const nostr::Filter& filter) {
    auto page = test::await(store_.query({.filter = filter,
                                          .after = {},
                                          .up_to = {},
                                          .max_events = 100'000,
                                          .max_scanned = 100'000,
                                          .now = now}));
    check(page && !page->next, "all events fit in a page");
    return std::move(page->events);
  }

  base::UnixSeconds now = 1'000'000;

 private:
  const extensions::mls_gateway::Config config_;
  const extensions::mls_gateway::MlsGateway gateway_;
  store::MemoryStore store_;
  const base::IpAddress peer_{};
};

}  // namespace fuzzed
