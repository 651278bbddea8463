// How many groups, members and key packages there are, as metrics say it.
#include "extensions/mls_gateway/figures.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <map>

#include "extensions/mls_gateway/rows.h"
#include "nostr/kinds.h"

namespace {

using namespace extensions::mls_gateway;

/// Rows in memory; counts how often it is asked.
class Rows final : public store::RowReader {
 public:
  boost::asio::awaitable<std::expected<std::vector<std::optional<std::string>>, store::StoreError>>
  get_rows(std::vector<std::string>) override {
    co_return std::vector<std::optional<std::string>>{};
  }
  boost::asio::awaitable<std::expected<store::RowPage, store::StoreError>> scan_rows(
      std::string prefix, std::optional<std::string> after, std::size_t max) override {
    ++scans;
    store::RowPage page;
    for (auto row = after ? rows.upper_bound(*after) : rows.lower_bound(prefix);
         row != rows.end() && row->first.starts_with(prefix); ++row) {
      if (page.rows.size() == max) {
        page.next = page.rows.back().key;
        break;
      }
      page.rows.push_back({row->first, row->second});
    }
    co_return page;
  }

  std::map<std::string, std::string> rows;
  int scans = 0;
};

std::map<std::string, double> measured(Figures& figures, Rows& rows) {
  boost::asio::io_context context;
  std::map<std::string, double> values;
  boost::asio::co_spawn(context, figures.measure(rows),
                        [&](const std::exception_ptr& failure, const relay::Measures& measures) {
                          EXPECT_FALSE(failure);
                          for (const auto& each : measures) values[each.name] = each.value;
                        });
  context.run();
  return values;
}

nostr::PublicKey key_of(int number) {
  nostr::PublicKey key;
  key.bytes[0] = static_cast<std::uint8_t>(number);
  key.bytes[1] = static_cast<std::uint8_t>(number >> 8);
  return key;
}

TEST(Figures, GroupsAndLivePackagesAreCountedInSlices) {
  constexpr int groups = 700;
  Rows rows;
  for (int n = 0; n < groups; ++n) {
    const std::string id = "group " + std::to_string(n);
    rows.rows[group_key(id)] = encode(Group{});
    rows.rows[member_key(id, key_of(n))] = encode(Role::admin);
  }
  const auto now = base::system_now();
  const Pool pool = {{.event = {}, .expires_at = now + 1000},
                     {.event = {}, .expires_at = 0},
                     {.event = {}, .expires_at = now - 1}};
  for (int n = 0; n < 300; ++n) rows.rows[pool_key(key_of(n))] = encode(pool);
  Figures figures;
  auto found = measured(figures, rows);
  EXPECT_EQ(found["mls_gateway_groups"], groups);
  EXPECT_EQ(found["mls_gateway_key_packages"], 600);
  EXPECT_EQ(rows.scans, 3 + 2);
}

TEST(Figures, ACountIsGivenAgainForAWhile) {
  Rows rows;
  for (int n = 0; n < 20'000; ++n) rows.rows[group_key("g" + std::to_string(n))] = encode(Group{});
  Figures figures;
  EXPECT_EQ(measured(figures, rows)["mls_gateway_groups"], 20'000);
  const int scans = rows.scans;
  rows.rows[group_key("another")] = encode(Group{});
  EXPECT_EQ(measured(figures, rows)["mls_gateway_groups"], 20'000);
  EXPECT_EQ(rows.scans, scans);
}

TEST(Figures, ChangesOfACommitAreAddedUp) {
  const auto package = [](nostr::Kind kind) {
    auto event = std::make_shared<nostr::Event>();
    event->kind = kind;
    return store::StoredEvent{.event = std::move(event), .seq = 1, .mark = 0, .expires_at = {}};
  };
  const std::vector<store::StoredEvent> events = {package(443), package(30443), package(445)};
  const std::vector<store::RowChange> changes = {
      {group_key("g"), encode(Group{})},
      {member_key("g", key_of(1)), encode(Role::admin)},
      {membership_key(key_of(1), "g"), encode(Role::admin)},
      {member_key("g", key_of(2)), std::nullopt},
      {membership_key(key_of(2), "g"), std::nullopt},
      {pool_key(key_of(1)), "x"},
      {"another/extension", "x"}};
  Figures figures;
  figures.add({.writes = 3, .events = events, .changes = changes});
  figures.add({.writes = 1});
  Rows rows;
  auto found = measured(figures, rows);
  EXPECT_EQ(found["mls_gateway_groups_updated_total"], 1);
  EXPECT_EQ(found["mls_gateway_membership_updates_total"], 2);
  EXPECT_EQ(found["mls_gateway_keypackages_stored_total"], 2);
}

}  // namespace
