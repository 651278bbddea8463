#pragma once
// Two relays without sockets over one store, both driven by the test's thread.
#include "support/shared_store.h"
#include "unit/relay/relay_fixture.h"

namespace test {

/// A relay process: `store` and what begin() makes of it.
struct Instance {
  explicit Instance(SharedStore& shared) : store(shared) {}

  SharedStore::View store;
  relay::Extensions extensions{};
  std::unique_ptr<relay::Staging> staging{};
  std::unique_ptr<relay::Writer> writer{};
  std::unique_ptr<relay::Worker> worker{};
};

/// `Base`: RelayFixture, or what is derived from it; its own store and worker are not used.
template <typename Base>
class Instances : public Base {
 protected:
  void TearDown() override {
    for (const auto& client : this->clients_) client->session->on_closed();
    for (Instance* instance : {&a, &b}) {
      if (!instance->writer) continue;
      instance->writer->stop();
      instance->worker->stop();
    }
    this->clients_.clear();
    Base::TearDown();
  }

  void begin(Instance& instance, relay::Extensions extensions = {}) {
    this->options_.auth_urls = {"ws://relay.test"};
    this->options_.clock = [this] { return this->now_; };
    instance.extensions = std::move(extensions);
    instance.staging = std::make_unique<relay::Staging>(instance.extensions);
    instance.writer = std::make_unique<relay::Writer>(
        instance.store, *instance.staging, this->options_.limits, this->options_.clock, this->log_);
    instance.worker =
        std::make_unique<relay::Worker>(0, this->context_, this->options_, instance.store,
                                        *instance.writer, instance.extensions, this->log_);
    const auto info = this->run(instance.store.info());
    ASSERT_TRUE(info);
    instance.worker->begin_at(info->last);
    ASSERT_TRUE(this->run(instance.worker->start()));
    instance.writer->start(1,
                           [&worker = *instance.worker](std::size_t, relay::WorkerMessage message) {
                             worker.post(std::move(message));
                           });
  }

  Client& connect_to(Instance& instance) {
    auto& client = *this->clients_.emplace_back(std::make_unique<Client>());
    client.session = instance.worker->open(client);
    client.session->start();
    return client;
  }
  Client& connect_to(Instance& instance, const Signer& signer) {
    auto& client = connect_to(instance);
    EXPECT_THAT(this->authenticate(client, signer), testing::HasSubstr(",true,"));
    return client;
  }

  /// Runs the loop until it is so; false after 10 seconds.
  bool eventually(const std::function<bool()>& is_so) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!is_so() && std::chrono::steady_clock::now() < deadline) {
      this->context_.run_one_for(std::chrono::milliseconds(20));
      this->context_.restart();
    }
    return is_so();
  }

  static std::size_t times_seen(Client& client, std::string_view part) {
    (void)client.received();
    return static_cast<std::size_t>(
        std::ranges::count_if(client.all, [&](const auto& text) { return text.contains(part); }));
  }

  SharedStore shared_;
  Instance a{shared_}, b{shared_};
};

}  // namespace test
