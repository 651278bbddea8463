// What a REST call says: read as meant, or refused with the remedy.
#include "extensions/mls_gateway/rest_query.h"

#include <gmock/gmock.h>

#include "extensions/mls_gateway/fetched_rows.h"
#include "extensions/mls_gateway/member_change.h"
#include "extensions/mls_gateway/rest_body.h"
#include "extensions/mls_gateway/rest_json.h"
#include "extensions/mls_gateway/rows.h"

using namespace extensions::mls_gateway;
using testing::HasSubstr;

namespace {

constexpr std::array<std::string_view, 3> known{"since", "limit", "cursor"};

std::string refusal(std::string_view query) {
  const auto parsed = parse_query(query, known);
  if (!parsed) return parsed.error().body;
  const auto page = page_of(*parsed);
  return page ? "" : page.error().body;
}

}  // namespace

TEST(RestQuery, IsDecodedAndTakesEachKnownNameOnce) {
  const auto query = parse_query("since=1%32&cursor=&limit=+5", known);
  ASSERT_TRUE(query);
  EXPECT_EQ(query->at("since"), "12");
  EXPECT_EQ(query->at("limit"), "+5");
  EXPECT_TRUE(parse_query("", {}));
  EXPECT_THAT(refusal("since=1&since=1"), HasSubstr("twice"));
  EXPECT_THAT(refusal("Since=1"), HasSubstr("since, limit, cursor"));
  EXPECT_THAT(refusal("since"), HasSubstr("since, limit, cursor"));
  EXPECT_THAT(refusal("limit=%"), HasSubstr("hex digits"));
  EXPECT_THAT(refusal("&limit=1"), HasSubstr("parameters"));
}

TEST(RestQuery, PagesAreBounded) {
  for (const auto* wrong : {"limit=0", "limit=501", "limit=-1", "limit=1e2", "limit="})
    EXPECT_NE(refusal(wrong), "") << wrong;
  for (const auto* wrong : {"cursor=", "cursor=0", "cursor=0G", "cursor=AB"})
    EXPECT_THAT(refusal(wrong), HasSubstr("cursor is what")) << wrong;
  EXPECT_THAT(refusal("cursor=" + std::string(514, 'a')), HasSubstr("cursor is what"));
  EXPECT_EQ(refusal("limit=500&cursor=00ff"), "");
  EXPECT_EQ(parse_page("")->limit, default_page);
}

TEST(RestQuery, ACursorComesBackAsItWasGiven) {
  const std::string position("\0\xff mid/dle", 10);
  const auto page = parse_page("cursor=" + page_cursor(position));
  ASSERT_TRUE(page);
  EXPECT_EQ(page->cursor, position);
}

TEST(RestBody, HasOneTextAtMost) {
  EXPECT_EQ(**text_in_body(R"({"role":"admin"})", "role"), "admin");
  EXPECT_FALSE(text_in_body("", "role")->has_value());
  EXPECT_FALSE(text_in_body("{}", "role")->has_value());
  for (const auto* wrong : {"[]", "null", "{", R"({"role":1})", R"({"role":"a","role":"b"})",
                            R"({"rôle":"admin"})", R"({"role":"a"} x)"})
    EXPECT_FALSE(text_in_body(wrong, "role")) << wrong;
}

TEST(RestJson, TimesAreRfc3339AndNeverBeyondIt) {
  EXPECT_EQ(quoted_time(1'735'689'600), "\"2025-01-01T00:00:00Z\"");
  EXPECT_EQ(quoted_time(std::numeric_limits<std::int64_t>::max()), "\"9999-12-31T23:59:59Z\"");
  EXPECT_EQ(quoted_time(-1), "\"1970-01-01T00:00:00Z\"");
}

TEST(MemberChange, AFullGroupTakesNobodyAndLetsAnyoneGo) {
  const nostr::PublicKey member{.bytes = {1}};
  const std::vector<std::string> keys{group_key("g"), member_key("g", member)};
  const std::string group =
      encode(Group{.member_count = 10'000, .admin_count = 1, .roster_seq = 7});
  const std::vector<std::optional<std::string>> full{group, std::nullopt};
  const MemberChange add("g", std::nullopt, {.op = RosterOp::add, .keys = {member}});
  const auto refused = add.run(FetchedRows(keys, full), 1'700'000'000);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().reason, HasSubstr("blocked: this group is full"));

  const std::vector<std::optional<std::string>> inside{group, encode(Role::member)};
  const MemberChange removal("g", std::nullopt, {.op = RosterOp::remove, .keys = {member}});
  const auto removed = removal.run(FetchedRows(keys, inside), 1'700'000'000);
  ASSERT_TRUE(removed);
  const auto row = std::ranges::find(removed->changes, group_key("g"), &store::RowChange::key);
  ASSERT_NE(row, removed->changes.end());
  EXPECT_EQ(decode_group(*row->value)->member_count, 9'999u);
  EXPECT_EQ(decode_group(*row->value)->roster_seq, 8u);
  EXPECT_TRUE(add.run(FetchedRows(keys, inside), 1'700'000'000)->changes.empty());
}
