// The read decision, which every delivery and every stored event asks for: nanoseconds a decision.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "extensions/mls_gateway/read_rules.h"
#include "extensions/mls_gateway/rows.h"
#include "nostr/kinds.h"

namespace {

namespace gateway = extensions::mls_gateway;

constexpr std::size_t groups = 1000;

nostr::PublicKey key_of(std::size_t number) {
  return *base::from_hex<nostr::PublicKey>(fmt::format("{0:016x}{0:048x}", number + 1));
}

/// As random as ids are, and as long.
std::string group_of(std::size_t number) {
  return fmt::format("{:064x}", (number + 1) * 0x9e3779b97f4a7c15ULL);
}

/// Every key is in all groups.
class MembershipRows final : public store::RowReader {
 public:
  boost::asio::awaitable<std::expected<std::vector<std::optional<std::string>>, store::StoreError>>
  get_rows(std::vector<std::string> keys) override {
    co_return std::vector<std::optional<std::string>>(keys.size());
  }
  boost::asio::awaitable<std::expected<store::RowPage, store::StoreError>> scan_rows(
      std::string prefix, std::optional<std::string>, std::size_t) override {
    store::RowPage page;
    for (std::size_t i = 0; i < groups; ++i)
      page.rows.push_back({prefix + group_of(i), gateway::encode(gateway::Role::member)});
    co_return page;
  }
};

/// A viewer of so many keys, each of them in a thousand groups.
struct Reader {
  explicit Reader(std::size_t keys) {
    boost::asio::io_context io;
    for (std::size_t i = 0; i < keys; ++i) {
      viewer.keys.push_back(key_of(i));
      boost::asio::co_spawn(
          io,
          [this, i]() -> boost::asio::awaitable<void> {
            (void)co_await memberships.join(key_of(i));
          },
          boost::asio::detached);
    }
    io.run();
  }

  gateway::Config config{};
  MembershipRows rows;
  gateway::Memberships memberships{rows};
  gateway::UpgradedGroups upgraded{};
  nostr::Viewer viewer{};
};

store::StoredEvent stored_event(nostr::Kind kind, std::string_view tag, std::string_view value) {
  auto event = std::make_shared<nostr::Event>();
  event->kind = kind;
  event->tags.begin_tag();
  event->tags.add_string(tag);
  event->tags.add_string(value);
  return {
      .event = std::move(event), .seq = 1, .mark = gateway::Mark::of_gated_group, .expires_at = {}};
}

/// `state.range(0)` keys; the decision must be `expected`.
void measure(benchmark::State& state, const store::StoredEvent& stored, bool expected) {
  const Reader reader(static_cast<std::size_t>(state.range(0)));
  const nostr::Filter filter;
  const gateway::ReadState read{reader.config, reader.memberships, nullptr, reader.upgraded};
  for (auto _ : state) {
    const bool allowed = gateway::may_read(read, stored, reader.viewer, filter);
    if (allowed != expected) state.SkipWithError("the decision is wrong");
    benchmark::DoNotOptimize(allowed);
  }
}

void public_note(benchmark::State& state) { measure(state, stored_event(1, "t", "bench"), true); }
void group_message_to_member(benchmark::State& state) {
  measure(state, stored_event(nostr::kind::group_message, "h", group_of(500)), true);
}
void group_message_to_outsider(benchmark::State& state) {
  measure(state, stored_event(nostr::kind::group_message, "h", group_of(groups)), false);
}
void gift_wrap_to_recipient(benchmark::State& state) {
  const auto last = static_cast<std::size_t>(state.range(0)) - 1;
  measure(state, stored_event(nostr::kind::gift_wrap, "p", base::to_hex(key_of(last))), true);
}

BENCHMARK(public_note)->Arg(1)->Arg(16);
BENCHMARK(group_message_to_member)->Arg(1)->Arg(16);
BENCHMARK(group_message_to_outsider)->Arg(1)->Arg(16);
BENCHMARK(gift_wrap_to_recipient)->Arg(1)->Arg(16);

}  // namespace

BENCHMARK_MAIN();
