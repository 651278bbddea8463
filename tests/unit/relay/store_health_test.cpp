#include "relay/store_health.h"

#include <gtest/gtest.h>

#include <atomic>

#include "support/signer.h"
#include "unit/relay/relay_fixture.h"

namespace {

using boost::asio::awaitable;
using store::StoreError;

/// A store in memory that fails to write while `fault` is set.
class FaultyStore final : public store::Store {
 public:
  std::atomic<bool> fails = false;
  std::atomic<StoreError::Code> code = StoreError::Code::full;

  awaitable<std::expected<store::AppendResult, StoreError>> append(
      std::span<const store::Write> writes, const store::Stager& stager) override {
    if (fails) co_return std::unexpected(failure());
    co_return co_await kept_.append(writes, stager);
  }
  awaitable<std::expected<PerformedAll, StoreError>> perform_all(
      std::span<const store::Operation* const> operations, base::UnixSeconds now,
      const store::Stager& stager) override {
    if (fails) co_return std::unexpected(failure());
    co_return co_await kept_.perform_all(operations, now, stager);
  }
  awaitable<std::expected<Purged, StoreError>> purge_expired(base::UnixSeconds now, std::size_t max,
                                                             const store::Stager& stager) override {
    return kept_.purge_expired(now, max, stager);
  }
  awaitable<std::expected<store::Page, StoreError>> query(store::PageRequest request) override {
    return kept_.query(request);
  }
  awaitable<std::expected<store::StoreInfo, StoreError>> info() override { return kept_.info(); }
  awaitable<std::expected<std::vector<std::optional<std::string>>, StoreError>> get_rows(
      std::vector<std::string> keys) override {
    return kept_.get_rows(std::move(keys));
  }
  awaitable<std::expected<store::RowPage, StoreError>> scan_rows(std::string prefix,
                                                                 std::optional<std::string> after,
                                                                 std::size_t max) override {
    return kept_.scan_rows(std::move(prefix), std::move(after), max);
  }

 private:
  StoreError failure() const { return {code, "no room; make some"}; }
  store::MemoryStore kept_;
};

class StoreHealth : public test::RelayFixture {
 protected:
  void SetUp() override {
    make({});
    writer_ =
        std::make_unique<relay::Writer>(faulty_, *staging_, options_.limits, options_.clock, log_);
    worker_ = std::make_unique<relay::Worker>(0, context_, options_, faulty_, *writer_, extensions_,
                                              log_);
    writer_->start(1, [this](std::size_t, relay::WorkerMessage message) {
      worker_->post(std::move(message));
    });
    health_ = writer_->health();
  }

  void TearDown() override {
    RelayFixture::TearDown();
    worker_.reset();
    writer_.reset();
  }

  std::string publish(test::Client& client, const std::string& event) {
    (void)send(client, "[\"EVENT\"," + event + "]");
    return await(client, "[\"OK\",");
  }

  FaultyStore faulty_;
  std::shared_ptr<const relay::StoreHealth> health_;
  const test::Signer signer_{1};
};

TEST_F(StoreHealth, AFailedCommitIsKnownUntilAnotherIsWritten) {
  auto& client = connect();
  const auto event = [&](const char* text) { return signer_.sign(1, {}, text, now); };
  EXPECT_TRUE(publish(client, event("first")).contains("true"));
  EXPECT_EQ(health_->fault(), std::nullopt);

  faulty_.fails = true;
  EXPECT_TRUE(publish(client, event("second")).contains("false,\"error: could not store"));
  EXPECT_EQ(health_->fault(), StoreError::Code::full);

  faulty_.fails = false;
  EXPECT_TRUE(publish(client, event("first")).contains("duplicate"));
  EXPECT_EQ(health_->fault(), StoreError::Code::full) << "a duplicate writes nothing";
  EXPECT_TRUE(publish(client, event("second")).contains("true"));
  EXPECT_EQ(health_->fault(), std::nullopt);
}

TEST_F(StoreHealth, WhatIsDamagedStaysSoThoughOtherPagesCanBeWritten) {
  auto& client = connect();
  const auto event = [&](const char* text) { return signer_.sign(1, {}, text, now); };
  EXPECT_TRUE(publish(client, event("first")).contains("true"));
  faulty_.code = StoreError::Code::corrupt;
  faulty_.fails = true;
  EXPECT_TRUE(publish(client, event("second")).contains("false,\"error: "));
  faulty_.fails = false;
  EXPECT_TRUE(publish(client, event("third")).contains("true"));
  EXPECT_EQ(health_->fault(), StoreError::Code::corrupt);
}

TEST_F(StoreHealth, WithoutAnyWritesASmallOneFindsOutThatTheStoreIsWell) {
  auto& client = connect();
  faulty_.fails = true;
  EXPECT_TRUE(publish(client, signer_.sign(1, {}, "", now)).contains("false,\"error: "));
  faulty_.fails = false;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(15);
  while (health_->fault() && std::chrono::steady_clock::now() < deadline) {
    context_.run_one_for(std::chrono::milliseconds(50));
    context_.restart();
  }
  EXPECT_EQ(health_->fault(), std::nullopt);
}

}  // namespace
