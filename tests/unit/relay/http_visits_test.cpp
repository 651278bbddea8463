// Callers over HTTP: let in like connections, and shown what a REQ shows, oldest first.
#include "relay/http_visits.h"

#include <openssl/evp.h>

#include "unit/relay/scripted_extension.h"

namespace {

using relay::Phase;
using test::Signer;

std::string base64(const std::string& text) {
  std::string out(4 * ((text.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

class HttpVisits : public test::RelayFixture {
 protected:
  void begin(relay::Phases phases) {
    script_ = std::make_shared<test::Scripted>(phases);
    start({script_});
    auth_.accept({"ws://relay.test"});
  }

  relay::HttpRequest request() {
    const test::TagList tags{
        {"u", "http://relay.test/x"}, {"method", "GET"}, {"n", fmt::format("{}", ++asked_)}};
    relay::HttpRequest request{
        .method = "GET", .path = "/x", .query = {}, .headers = {}, .body = {}};
    request.headers.emplace_back("authorization",
                                 "Nostr " + base64(alice_.sign(27235, tags, "", now)));
    return request;
  }
  auto admit() {
    const auto call = request();
    return run(visits_->admit(call, charge_));
  }
  void make_visits() {
    visits_ = std::make_unique<relay::Visits>(
        relay::Visits::Parts{worker_->admission(), worker_->visibility(), auth_, worker_->options(),
                             worker_->horizon()});
  }
  /// Notes of these ages, published one by one.
  void write(int count, base::UnixSeconds apart, base::UnixSeconds begin = now - 1000) {
    auto& client = connect();
    for (int n = 0; n < count; ++n) {
      const auto event = alice_.sign(1, {}, fmt::format("{}", n), begin + n * apart);
      ASSERT_NE(publish(client, event), "");
    }
  }
  /// Reads to the end; each page has `limit` events at most.
  std::vector<nostr::EventPtr> read_all(relay::HttpVisit& visit, std::size_t limit) {
    std::vector<nostr::EventPtr> all;
    relay::ReadRequest wanted{.filters = std::vector<nostr::Filter>(1), .max_events = limit};
    wanted.filters[0].kinds = {1};
    do {
      const auto page = run(visit.read(wanted));
      EXPECT_TRUE(page) << page.error();
      EXPECT_LE(page->events.size(), limit);
      all.insert(all.end(), page->events.begin(), page->events.end());
      wanted.after = page->next;
      ++pages_;
      if (page->next && page->events.empty()) places_.push_back(*page->next);
    } while (wanted.after);
    return all;
  }

  const Signer alice_{1};
  std::shared_ptr<test::Scripted> script_;
  relay::HttpAuth auth_{base::Limits{}, [] { return now; },
                        std::make_shared<relay::UsedHttpAuths>()};
  std::unique_ptr<relay::Visits> visits_;
  relay::Visits::Charge charge_ = [](const nostr::PublicKey&) { return std::nullopt; };
  std::vector<relay::ReadPosition> places_;  // where empty pages ended
  int pages_ = 0;

 private:
  int asked_ = 0;
};

TEST_F(HttpVisits, AVisitorIsAViewerUntilItLeaves) {
  begin(Phase::on_auth);
  make_visits();
  {
    const auto visit = admit();
    ASSERT_TRUE(visit);
    EXPECT_EQ((*visit)->key(), alice_.key());
    EXPECT_EQ(script_->joined, 1);
    EXPECT_EQ(script_->left, 0);
  }
  EXPECT_EQ(script_->left, 1);
}

TEST_F(HttpVisits, WhoeverCannotPayIsNotLetIn) {
  begin(Phase::on_auth);
  make_visits();
  charge_ = [&](const nostr::PublicKey& key) {
    EXPECT_EQ(key, alice_.key());
    return std::optional(relay::http_error(429, "rate_limited", "wait"));
  };
  const auto visit = admit();
  ASSERT_FALSE(visit);
  EXPECT_EQ(visit.error().status, 429);
  EXPECT_EQ(script_->joined, 0) << "no join is done for it";
}

TEST_F(HttpVisits, PagesGoFromTheOldestToTheNewestAndHaveEachEventOnce) {
  begin(Phase::on_auth);
  make_visits();
  write(20, 0);
  write(20, 3);
  const auto visit = admit();
  for (const std::size_t limit : {1u, 3u, 7u, 39u, 40u, 100u}) {
    const auto all = read_all(**visit, limit);
    ASSERT_EQ(all.size(), 39u) << limit;  // the first of both is the same
    for (std::size_t i = 1; i < all.size(); ++i) {
      const bool in_order =
          all[i - 1]->created_at < all[i]->created_at ||
          (all[i - 1]->created_at == all[i]->created_at && all[i - 1]->id > all[i]->id);
      EXPECT_TRUE(in_order) << limit;
    }
  }
}

TEST_F(HttpVisits, AnExactPageIsTheLast) {
  begin(Phase::on_auth);
  make_visits();
  write(6, 1);
  const auto visit = admit();
  EXPECT_EQ(read_all(**visit, 6).size(), 6u);
  EXPECT_EQ(pages_, 1);
}

TEST_F(HttpVisits, WhatIsHiddenIsLeftOutAndItsPlaceIsNotTold) {
  options_.limits.query_page_events = 1;
  begin(Phase::may_read | Phase::on_auth);
  make_visits();
  write(60, 61, now - 5000);
  script_->may_read = [](const auto& stored, const auto&) {
    return stored.event->created_at >= now - 5000 + 55 * 61;
  };
  const auto visit = admit();
  EXPECT_EQ(read_all(**visit, 10).size(), 5u);
  ASSERT_FALSE(places_.empty()) << "one call reads no more than some pages";
  nostr::EventId first;
  first.bytes.fill(0xff);
  for (const auto& place : places_) {
    EXPECT_EQ(place.id, first);
    EXPECT_EQ(place.created_at % 600, 0) << "the second of what is hidden";
  }
}

TEST_F(HttpVisits, ManyHiddenOnesOfOneSecondAreNoEndlessLoop) {
  options_.limits.query_page_events = 1;
  begin(Phase::may_read | Phase::on_auth);
  make_visits();
  write(60, 0);
  write(2, 900);
  script_->may_read = [](const auto& stored, const auto&) {
    return stored.event->created_at > now - 1000;
  };
  const auto visit = admit();
  EXPECT_EQ(read_all(**visit, 10).size(), 1u);
  EXPECT_LT(pages_, 5);
}

TEST_F(HttpVisits, SeveralFiltersMayMeetNothingButHiddenOnes) {
  options_.limits.query_page_events = 2;
  begin(Phase::may_read | Phase::on_auth);
  make_visits();
  auto& client = connect();
  for (int n = 0; n < 12; ++n) (void)publish(client, alice_.sign(n % 2 + 1, {}, "", now - 100 + n));
  script_->may_read = [](const auto&, const auto&) { return false; };
  const auto visit = admit();
  relay::ReadRequest wanted{.filters = std::vector<nostr::Filter>(2)};
  wanted.filters[0].kinds = {1};
  wanted.filters[1].kinds = {2};
  const auto page = run((*visit)->read(std::move(wanted)));
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->events.empty());
}

TEST_F(HttpVisits, AVisitEndsWhenWhatItWasLetInByDoesNotHoldAnyMore) {
  begin(Phase::may_read | Phase::on_auth);
  make_visits();
  write(3, 1);
  const auto before = admit();
  const auto ask = [](relay::HttpVisit& visit) {
    return visit.read({.filters = std::vector<nostr::Filter>(1)});
  };
  EXPECT_TRUE(run(ask(**before)));
  worker_->post(relay::LostTrack{*worker_->horizon().last()});
  context_.restart();
  while (worker_->horizon().losses() == 0 || worker_->horizon().lost()) context_.run_one();
  const auto page = run(ask(**before));
  ASSERT_FALSE(page);
  EXPECT_TRUE(page.error().starts_with("error: "));
  EXPECT_TRUE((*before)->may_write(1).denied());
  const auto after = admit();
  EXPECT_EQ(run(ask(**after))->events.size(), 3u);
}

TEST_F(HttpVisits, AReadIsAdmittedAsAReqIs) {
  begin(Phase::check_req | Phase::on_auth);
  make_visits();
  script_->check_req = [](const relay::ReqContext& context) {
    EXPECT_FALSE(context.viewer.anonymous());
    return relay::Verdict::deny("restricted: not this");
  };
  const auto visit = admit();
  const auto page = run((*visit)->read({.filters = std::vector<nostr::Filter>(1)}));
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error(), "restricted: not this");
}

TEST_F(HttpVisits, WhatCannotBeDecidedIsNotLeftOutInSilence) {
  begin(Phase::may_read | Phase::prepare | Phase::on_auth);
  make_visits();
  write(3, 1);
  script_->may_read = [](const auto& stored, const auto&) {
    return stored.event->created_at != now - 999;
  };
  script_->undecided = [](const auto& stored) { return stored.event->created_at == now - 999; };
  const auto visit = admit();
  relay::ReadRequest wanted{.filters = std::vector<nostr::Filter>(1)};
  const auto page = run((*visit)->read(std::move(wanted)));
  ASSERT_FALSE(page);
  EXPECT_TRUE(page.error().starts_with("error: "));
}

TEST_F(HttpVisits, AWriteIsAskedForItsAuthorAndKind) {
  begin(Phase::on_auth | Phase::check_write);
  make_visits();
  script_->check_write = [this](const relay::WriteContext& context) {
    EXPECT_EQ(context.author, alice_.key());
    EXPECT_TRUE(context.viewer.proves(alice_.key()));
    return context.kind == 450 ? relay::Verdict::deny("blocked: not this") : relay::Verdict::pass();
  };
  const auto visit = admit();
  ASSERT_TRUE(visit);
  EXPECT_FALSE((*visit)->may_write(1).denied());
  EXPECT_EQ((*visit)->may_write(450).reason(), "blocked: not this");
}

TEST_F(HttpVisits, WhoIsNotWelcomeAnyMoreWritesNothing) {
  begin(Phase::on_auth | Phase::check_connection);
  make_visits();
  const auto visit = admit();
  ASSERT_TRUE(visit);
  script_->connection_refusal = "blocked: meanwhile";
  EXPECT_EQ((*visit)->may_write(1).reason(), "blocked: meanwhile");
}

TEST_F(HttpVisits, NobodyIsLetInWhereAuthenticationIsOff) {
  options_.offer_auth = false;
  begin(Phase::on_auth);
  make_visits();
  const auto visit = admit();
  ASSERT_FALSE(visit);
  EXPECT_EQ(visit.error().status, 403);
  EXPECT_EQ(script_->joined, 0);
}

}  // namespace
