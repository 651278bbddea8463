#pragma once
// A relay without sockets: one worker driven by the test's thread, a real writer, the memory store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/null_sink.h>

#include <boost/asio/executor_work_guard.hpp>
#include <functional>
#include <memory>
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
    extensions_ = std::move(extensions);
    options_.auth_urls = {"ws://relay.test"};
    options_.clock = [this] { return now_; };
    staging_ = std::make_unique<relay::Staging>(extensions_);
    writer_ =
        std::make_unique<relay::Writer>(store_, *staging_, options_.limits, options_.clock, log_);
    worker_ =
        std::make_unique<relay::Worker>(0, context_, options_, store_, *writer_, extensions_, log_);
    writer_->start(1, [this](std::size_t, relay::WorkerMessage message) {
      worker_->post(std::move(message));
    });
  }

  Client& connect() {
    auto& client = *clients_.emplace_back(std::make_unique<Client>());
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
    const std::size_t before = client.all.size();
    (void)send(client, "[\"REQ\",\"" + id + "\"," + filters + "]");
    const std::string end = "\"" + id + "\"";
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (std::chrono::steady_clock::now() < deadline) {
      (void)client.received();
      const auto& last = client.all;
      if (last.size() > before && last.back().contains(end) &&
          (last.back().starts_with("[\"EOSE\"") || last.back().starts_with("[\"CLOSED\""))) {
        break;
      }
      context_.run_one_for(std::chrono::milliseconds(50));
      context_.restart();
    }
    return {client.all.begin() + static_cast<std::ptrdiff_t>(before), client.all.end()};
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
  relay::Extensions extensions_;
  relay::RelayOptions options_;
  std::unique_ptr<relay::Staging> staging_;
  std::unique_ptr<relay::Writer> writer_;
  std::unique_ptr<relay::Worker> worker_;
  std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace test
