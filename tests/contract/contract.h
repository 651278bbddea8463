#pragma once
// What the contract tests share: a store of every kind, and short ways to write, to ask and to read
// rows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "contract/store_kinds.h"
#include "store/store.h"
#include "support/await.h"
#include "support/event_builder.h"

namespace test {

using Ids = std::vector<std::uint64_t>;
using Outcomes = std::vector<store::Outcome>;

inline std::uint64_t number_of(const base::Bytes32& bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 24; i < 32; ++i) number = number << 8 | bytes.bytes[i];
  return number;
}

inline store::Write write_of(const nostr::EventPtr& event,
                             std::optional<base::UnixSeconds> expires_at = std::nullopt) {
  auto viewer = std::make_shared<nostr::Viewer>();
  viewer->keys.push_back(event->pubkey);
  store::Write write;
  write.event = event;
  write.viewer = std::move(viewer);
  write.expires_at = expires_at;
  return write;
}

inline store::Write write_of(const EventBuilder& event,
                             std::optional<base::UnixSeconds> expires_at = std::nullopt) {
  return write_of(event.build(), expires_at);
}

inline std::vector<store::Write> writes_of(const std::vector<EventBuilder>& events) {
  std::vector<store::Write> writes;
  for (const EventBuilder& event : events) writes.push_back(write_of(event));
  return writes;
}

inline Outcomes outcomes_of(const store::AppendResult& result) {
  Outcomes outcomes;
  for (const auto& each : result.results) outcomes.push_back(each.outcome);
  return outcomes;
}

/// The value, or a failed test and an exception that ends it.
template <typename T>
T must(std::expected<T, store::StoreError> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return *std::move(result);
}

/// How a query is cut into pages, and what it leaves out.
struct Reading {
  std::size_t max_events = 256;
  std::size_t max_scanned = 4096;
  base::UnixSeconds now = 0;
  std::optional<store::Seq> up_to = std::nullopt;
  bool oldest_first = false;
};

inline store::Page read_page(store::Store& store, const nostr::Filter& filter,
                             const Reading& reading = {},
                             const std::optional<store::Position>& after = std::nullopt) {
  auto page = must(await(store.query({.filter = filter,
                                      .after = after,
                                      .up_to = reading.up_to,
                                      .max_events = reading.max_events,
                                      .max_scanned = reading.max_scanned,
                                      .now = reading.now,
                                      .oldest_first = reading.oldest_first})));
  EXPECT_LE(page.events.size(), reading.max_events);
  return page;
}

/// All pages of a query, one after the other.
inline std::vector<store::StoredEvent> read_all(store::Store& store, const nostr::Filter& filter,
                                                const Reading& reading = {}) {
  std::vector<store::StoredEvent> events;
  std::optional<store::Position> after;
  do {
    const store::Page page = read_page(store, filter, reading, after);
    events.insert(events.end(), page.events.begin(), page.events.end());
    after = page.next;
  } while (after);
  return events;
}

inline Ids ids_of(const std::vector<store::StoredEvent>& events) {
  Ids ids;
  for (const auto& stored : events) ids.push_back(number_of(stored.event->id));
  return ids;
}

/// A stager made of functions; those not given do nothing.
struct TestStager final : store::Stager {
  std::function<void(const store::Write&, store::Reads&)> on_reads;
  std::function<std::expected<store::Staged, store::Refusal>(const store::Write&,
                                                             const store::RowView&)>
      on_stage;
  std::function<void(const store::StoredEvent&, store::Reads&)> on_erase_reads;
  std::function<std::vector<store::RowChange>(const store::StoredEvent&, const store::RowView&)>
      on_stage_erase;

  void reads(const store::Write& write, store::Reads& reads) const override {
    if (on_reads) on_reads(write, reads);
  }
  std::expected<store::Staged, store::Refusal> stage(const store::Write& write,
                                                     const store::RowView& rows) const override {
    return on_stage ? on_stage(write, rows) : store::Staged{};
  }
  void erase_reads(const store::StoredEvent& erased, store::Reads& reads) const override {
    if (on_erase_reads) on_erase_reads(erased, reads);
  }
  std::vector<store::RowChange> stage_erase(const store::StoredEvent& erased,
                                            const store::RowView& rows) const override {
    return on_stage_erase ? on_stage_erase(erased, rows) : std::vector<store::RowChange>{};
  }
};

class Contract : public testing::TestWithParam<StoreKind> {
 protected:
  [[nodiscard]] store::Store& store() { return *open_.store; }

  store::AppendResult append(const std::vector<store::Write>& writes,
                             const store::Stager& stager = store::NoStager()) {
    return must(await(store().append(writes, stager)));
  }
  Outcomes add(const std::vector<EventBuilder>& events) {
    return outcomes_of(append(writes_of(events)));
  }
  store::Outcome add(const EventBuilder& event) { return add(std::vector{event}).front(); }

  store::Store::Purged purge(base::UnixSeconds now, std::size_t max = 100,
                             const store::Stager& stager = store::NoStager()) {
    return must(await(store().purge_expired(now, max, stager)));
  }

  Ids find(const FilterBuilder& filter, const Reading& reading = {}) {
    return ids_of(read_all(store(), filter.build(), reading));
  }
  Ids everything() { return find(FilterBuilder()); }

  std::optional<std::string> row(const std::string& key) {
    return must(await(store().get_rows({key}))).front();
  }
  /// Sets rows the way extensions do: with an event (an ephemeral one, which leaves nothing else).
  void set_rows(const std::vector<store::RowChange>& changes) {
    TestStager stager;
    stager.on_stage = [&](const auto&, const auto&) { return store::Staged{.changes = changes}; };
    append({write_of(EventBuilder(1).kind(20000))}, stager);
  }

 private:
  OpenStore open_ = GetParam().open();
};

inline std::string name_of(const testing::TestParamInfo<StoreKind>& info) {
  return info.param.name;
}

/// Runs a suite derived from Contract against every store.
#define FOR_EVERY_STORE(suite) \
  INSTANTIATE_TEST_SUITE_P(Every, suite, testing::ValuesIn(test::store_kinds()), test::name_of)

}  // namespace test

namespace store {
/// For GoogleTest's messages.
inline void PrintTo(Outcome outcome, std::ostream* out) {
  constexpr const char* names[] = {"accepted", "duplicate", "stale", "deleted", "refused"};
  *out << names[static_cast<int>(outcome)];
}
}  // namespace store

namespace test {
/// GoogleTest prints a parameter by its bytes otherwise.
inline void PrintTo(const StoreKind& kind, std::ostream* out) { *out << kind.name; }
}  // namespace test
