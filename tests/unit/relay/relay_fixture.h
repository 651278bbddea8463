#pragma once
// A relay without sockets: one worker driven by the test's thread, a real writer, the memory store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/null_sink.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "relay/staging.h"
#include "relay/worker.h"
#include "store/memory/memory_store.h"
#include "support/signer.h"

namespace test {

/// The far end of a connection: keeps what the relay sends.
class Client final : public relay::Transport {
 public:
  [[nodiscard]] base::IpAddress peer() const override { return address; }
  void wake() override {}
  void resume() override { resumed = true; }
  void close(relay::CloseReason reason) override { closed_with = reason.code; }

  /// What was sent since the last call, as text.
  std::vector<std::string> received() {
    std::vector<std::string> texts;
    for (const auto& message : session->outgoing().messages())
      texts.push_back(*message.head + (message.event ? message.event->json + "]" : ""));
    session->outgoing().pop_front(texts.size());
    session->on_sent();
    for (const auto& text : texts) all.push_back(text);
    return texts;
  }

  std::shared_ptr<relay::Session> session;
  std::vector<std::string> all;
  std::size_t awaited = 0;
  bool resumed = false;
  int closed_with = 0;
  base::IpAddress address;
};

class RelayFixture : public testing::Test {
 protected:
  static constexpr base::UnixSeconds now = 1'700'000'000;

  void TearDown() override {
    for (const auto& client : clients_) client->session->on_closed();
    if (writer_) writer_->stop();
    context_.restart();
    context_.poll();
  }

  /// Call first, with the extensions under test.
  void start(relay::Extensions extensions = {}) {
    make(std::move(extensions));
    if (const auto info = run(store_.info())) worker_->begin_at(info->last);
    ASSERT_TRUE(run_start());
    writer_->start(1, [this](std::size_t, relay::WorkerMessage message) {
      worker_->post(std::move(message));
    });
  }

  /// Another relay process over the same store: everyone is disconnected, nothing but the store is remembered.
  void restart(relay::Extensions extensions) {
    for (const auto& client : clients_) client->session->on_closed();
    writer_->stop();
    context_.restart();
    context_.poll();
    clients_.clear();
    // Its timers may still fire.
    retired_.push_back({std::move(extensions_), std::move(worker_)});
    start(std::move(extensions));
  }

  /// What start() does first: a worker that has not begun to run.
  void make(relay::Extensions extensions) {
    extensions_ = std::move(extensions);
    options_.auth_urls = {"ws://relay.test"};
    options_.clock = [this] { return now_; };
    staging_ = std::make_unique<relay::Staging>(extensions_);
    writer_ =
        std::make_unique<relay::Writer>(store_, *staging_, options_.limits, options_.clock, log_);
    worker_ =
        std::make_unique<relay::Worker>(0, context_, options_, store_, *writer_, extensions_, log_);
  }

  /// What the extensions answer when they are asked to load what they must know.
  bool run_start() { return run(worker_->start()); }

  /// Runs the worker's loop until `work` is done.
  template <typename T>
  T run(boost::asio::awaitable<T> work) {
    std::optional<T> result;
    boost::asio::co_spawn(context_, std::move(work),
                          [&](const std::exception_ptr& failure, T outcome) {
                            if (failure) std::rethrow_exception(failure);
                            result = std::move(outcome);
                          });
    context_.restart();
    while (!result) context_.run_one();
    return *std::move(result);
  }

  Client& connect(const base::IpAddress& address = {}) {
    auto& client = *clients_.emplace_back(std::make_unique<Client>());
    client.address = address;
    client.session = worker_->open(client);
    client.session->start();
    return client;
  }

  relay::Session::Flow send(Client& client, const std::string& text) {
    return client.session->on_message(text);
  }

  /// Runs the worker until a message that contains `part` has reached the client, looking behind the one found last;
  /// "" after 5 seconds.
  std::string await(Client& client, std::string_view part) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (std::chrono::steady_clock::now() < deadline) {
      (void)client.received();
      for (std::size_t i = client.awaited; i < client.all.size(); ++i) {
        if (!client.all[i].contains(part)) continue;
        client.awaited = i + 1;
        return client.all[i];
      }
      context_.run_one_for(std::chrono::milliseconds(50));
      context_.restart();
    }
    return "";
  }

  /// Publishes and returns the OK.
  std::string publish(Client& client, const std::string& event) {
    (void)send(client, "[\"EVENT\"," + event + "]");
    return await(client, "[\"OK\",");
  }

  /// All answers to a REQ up to and including EOSE or CLOSED.
  std::vector<std::string> request(Client& client, const std::string& id,
                                   const std::string& filters) {
    (void)client.received();
    const std::size_t before = client.all.size();
    (void)send(client, "[\"REQ\",\"" + id + "\"," + filters + "]");
    const std::string end = "\"" + id + "\"";
    const auto answered = [&] {
      (void)client.received();
      const auto& last = client.all;
      return last.size() > before && last.back().contains(end) &&
             (last.back().starts_with("[\"EOSE\"") || last.back().starts_with("[\"CLOSED\""));
    };
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!answered()) {
      if (std::chrono::steady_clock::now() > deadline) {
        ADD_FAILURE() << "never answered: " << filters;
        return {""};
      }
      context_.run_one_for(std::chrono::milliseconds(50));
      context_.restart();
    }
    return {client.all.begin() + static_cast<std::ptrdiff_t>(before), client.all.end()};
  }

  /// The answer to a COUNT: COUNT or CLOSED.
  std::string count(Client& client, const std::string& filters) {
    (void)send(client, "[\"COUNT\",\"n\"," + filters + "]");
    return await(client, "\"n\",");
  }

  /// Has this client been sent something with `part` in it? What a commit sends is there once its OK is.
  static bool has_seen(Client& client, std::string_view part) {
    (void)client.received();
    return std::ranges::any_of(client.all, [&](const auto& text) { return text.contains(part); });
  }

  /// Answers the challenge with this key and returns the OK.
  std::string authenticate(Client& client, const Signer& signer,
                           const std::string& url = "ws://relay.test") {
    (void)client.received();
    const std::string& greeting = client.all.front();
    const std::string challenge = greeting.substr(9, greeting.size() - 11);
    (void)send(client,
               "[\"AUTH\"," +
                   signer.sign(22242, {{"relay", url}, {"challenge", challenge}}, "", now_) + "]");
    return await(client, "[\"OK\",");
  }

  base::UnixSeconds now_ = now;
  base::Log log_ =
      std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::null_sink_mt>());
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{
      context_.get_executor()};
  store::MemoryStore store_;
  struct Retired {
    relay::Extensions extensions;
    std::unique_ptr<relay::Worker> worker;
  };
  std::vector<Retired> retired_;
  relay::Extensions extensions_;
  relay::RelayOptions options_;
  std::unique_ptr<relay::Staging> staging_;
  std::unique_ptr<relay::Writer> writer_;
  std::unique_ptr<relay::Worker> worker_;
  std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace test
