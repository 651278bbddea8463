#pragma once
// An extension made of what a test sets; everything else passes.
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>

#include "unit/relay/relay_fixture.h"

namespace test {

class Scripted final : public relay::Extension {
 public:
  explicit Scripted(relay::Phases phases) : phases_(phases) {}

  std::string_view name() const override { return "scripted"; }
  relay::Phases phases() const override { return phases_; }
  std::unique_ptr<relay::WorkerExtension> attach(relay::WorkerServices services) const override;

  std::expected<store::Staged, store::Refusal> stage(const store::Write& write,
                                                     const store::RowView&) const override {
    if (refuse_stage) return std::unexpected(store::Refusal{"restricted: staged"});
    return store::Staged{.changes = {{"scripted/last", std::string(write.event->id.view())}}};
  }

  bool starts = true;
  boost::asio::steady_timer* starts_after = nullptr;  ///< not null: only when this is cancelled
  bool route = false;                                 ///< answers an HTTP call
  bool refuse_stage = false;
  std::function<relay::Verdict(const relay::EventContext&)> check_event = [](const auto&) {
    return relay::Verdict::pass();
  };
  std::function<relay::Verdict(const relay::ReqContext&)> check_req = [](const auto&) {
    return relay::Verdict::pass();
  };
  std::function<bool(const store::StoredEvent&, const nostr::Viewer&)> may_read =
      [](const auto&, const auto&) { return true; };
  std::string_view connection_refusal;  ///< of whoever has proved a key
  std::function<relay::Verdict(const relay::WriteContext&)> check_write = [](const auto&) {
    return relay::Verdict::pass();
  };
  std::function<bool(const nostr::PublicKey&)> may_give = [](const auto&) { return true; };
  std::function<bool(const nostr::Viewer&)> narrows = [](const auto&) { return true; };
  std::function<bool(const store::StoredEvent&)> undecided = [](const auto&) { return false; };
  std::function<void(const store::StoredEvent&)> prepare = [](const auto&) {};
  boost::asio::steady_timer* prepares_after = nullptr;  ///< not null: only when this is cancelled
  /// What a REQ makes it perform; null: nothing.
  std::function<store::OperationPtr(const relay::ReqContext&)> hand_out =
      [](const auto&) -> store::OperationPtr { return nullptr; };
  /// What a search finds.
  std::function<relay::Found(const nostr::Filter&)> find = [](const auto&) {
    return relay::Found{.ids = {}, .complete = true};
  };
  bool never_decide = false;
  bool ignore_the_deadline = false;  ///< its wait ends without an exception, and it passes
  mutable int started = 0, commits = 0, joined = 0, left = 0;
  mutable int commits_when_handed_out = 0;
  mutable std::shared_ptr<const relay::StoreContact> contact;  ///< what it was lent

 private:
  const relay::Phases phases_;
};

class ScriptedWorker final : public relay::WorkerExtension {
 public:
  ScriptedWorker(const Scripted& script, relay::WorkerServices services)
      : script_(script), services_(services) {
    script_.contact = services_.contact;
  }

  boost::asio::awaitable<bool> start() override {
    ++script_.started;
    if (script_.starts_after) {
      boost::system::error_code cancelled;
      co_await script_.starts_after->async_wait(
          boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
    }
    co_return script_.starts;
  }
  std::vector<relay::HttpRoute> routes(const relay::HttpServices&) override {
    if (!script_.route) return {};
    const auto well = [](relay::HttpRequest) -> boost::asio::awaitable<relay::HttpResponse> {
      co_return relay::HttpResponse{};
    };
    return {{"GET", "/scripted", well}};
  }
  boost::asio::awaitable<relay::Verdict> on_auth(const nostr::PublicKey&) override {
    ++script_.joined;
    co_return relay::Verdict::pass();
  }
  void on_leave(const nostr::PublicKey&) override { ++script_.left; }
  relay::Verdict check_event(const relay::EventContext& context) override {
    return script_.check_event(context);
  }
  std::string_view check_connection(const relay::ClientContext& context) override {
    return context.viewer.anonymous() ? std::string_view() : script_.connection_refusal;
  }
  relay::Verdict check_write(const relay::WriteContext& context) override {
    return script_.check_write(context);
  }
  relay::Verdict check_req(const relay::ReqContext& context) override {
    return script_.check_req(context);
  }
  boost::asio::awaitable<relay::Verdict> authorize_event(relay::EventContext) override {
    return decide();
  }
  boost::asio::awaitable<relay::Verdict> authorize_req(relay::ReqContext) override {
    return decide();
  }
  boost::asio::awaitable<std::expected<std::vector<store::StoredEvent>, std::string>> hand_out(
      relay::ReqContext context) override {
    auto operation = script_.hand_out(context);
    if (!operation) co_return std::vector<store::StoredEvent>{};
    auto given = co_await services_.operations.perform(std::move(operation));
    script_.commits_when_handed_out = script_.commits;
    co_return given;
  }
  void on_commit(const store::CommitBatch&) override { ++script_.commits; }
  bool undecided(const store::StoredEvent& event, const nostr::Viewer&) const override {
    return script_.undecided(event);
  }
  boost::asio::awaitable<void> prepare(std::vector<store::StoredEvent> events,
                                       nostr::ViewerPtr) override {
    if (script_.prepares_after) {
      boost::system::error_code cancelled;
      co_await script_.prepares_after->async_wait(
          boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
    }
    for (const auto& event : events) script_.prepare(event);
  }
  bool may_read(const store::StoredEvent& event, const nostr::Viewer& viewer,
                const nostr::Filter&) const override {
    return script_.may_read(event, viewer);
  }
  bool may_give(const nostr::PublicKey& owner) const override { return script_.may_give(owner); }
  bool narrows(const nostr::Viewer& viewer, const nostr::Filter&) const override {
    return script_.narrows(viewer);
  }
  boost::asio::awaitable<std::expected<relay::Found, store::StoreError>> find(
      const nostr::Filter& filter) override {
    co_return script_.find(filter);
  }

 private:
  boost::asio::awaitable<relay::Verdict> decide() {
    if (script_.never_decide) {
      boost::asio::steady_timer never(co_await boost::asio::this_coro::executor,
                                      std::chrono::hours(1));
      boost::system::error_code cut_off;
      co_await never.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cut_off));
      if (cut_off && !script_.ignore_the_deadline) throw boost::system::system_error(cut_off);
    }
    co_return relay::Verdict::pass();
  }

  const Scripted& script_;
  relay::WorkerServices services_;
};

inline std::unique_ptr<relay::WorkerExtension> Scripted::attach(
    relay::WorkerServices services) const {
  return std::make_unique<ScriptedWorker>(*this, services);
}

/// A relay with scripted extensions.
class ScriptedFixture : public RelayFixture {
 protected:
  std::shared_ptr<Scripted> add(relay::Phases phases) {
    auto extension = std::make_shared<Scripted>(phases);
    mine_.push_back(extension);
    return extension;
  }
  void start_all() { start(mine_); }

  const Signer alice{1}, bob{2};
  relay::Extensions mine_;
};

}  // namespace test
