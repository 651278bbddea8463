#pragma once
// A server on its own thread with sessions that echo, for tests that talk to it over loopback.
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/server.h"
#include "unit/net/raw_client.h"

namespace test {

/// Echoes; a few texts make it do something else. Everything but the constructor runs on the
/// server's thread.
class EchoSession final : public relay::Session {
 public:
  explicit EchoSession(relay::Transport& transport)
      : peer(transport.peer()), transport_(transport) {}

  void start() override { started = true; }
  Flow on_message(std::string_view message) override {
    received.emplace_back(message);
    if (message == "close") transport_.close({4000, "as you wish"});
    if (message == "resume early") transport_.resume();
    if (message == "be busy") {
      is_busy = true;
      return Flow::go_on;
    }
    if (message == "flood") return flood();
    echo(message);
    return message == "wait" || message == "resume early" ? Flow::wait : Flow::go_on;
  }
  [[nodiscard]] bool busy() const override { return is_busy; }
  void on_sent() override { ++flushes; }
  void on_closed() override { ++closed; }
  relay::SendQueue& outgoing() override { return outgoing_; }

  void echo(std::string_view message) { push(std::make_shared<const std::string>(message)); }
  relay::Transport& transport() { return transport_; }

  const base::IpAddress peer;
  bool started = false;
  std::vector<std::string> received;
  int flushes = 0;
  bool is_busy = false;
  int closed = 0;

 private:
  /// 64 MiB, more than the buffers of any kernel take.
  Flow flood() {
    const auto megabyte = std::make_shared<const std::string>(1 << 20, 'x');
    for (int i = 0; i < 64; ++i) push(megabyte);
    return Flow::go_on;
  }
  void push(std::shared_ptr<const std::string> head) {
    const bool was_empty = outgoing_.empty();
    outgoing_.push({std::move(head), nullptr});
    if (was_empty) transport_.wake();
  }

  relay::Transport& transport_;
  relay::SendQueue outgoing_;
};

class ServerTest : public testing::Test {
 protected:
  ServerTest() { options.port = 0; }
  ~ServerTest() override { shut_down(); }

  /// Starts the server with `options` and `routes`.
  void start() {
    auto open = [this](relay::Transport& transport) {
      sessions.push_back(std::make_shared<EchoSession>(transport));
      return sessions.back();
    };
    server = std::make_unique<net::Server>(io, options, open,
                                           std::make_shared<net::Router>(std::move(routes)), log);
    const auto listening = server->listen();
    ASSERT_TRUE(listening) << listening.error();
    port = server->port();
    thread = std::thread([this] { io.run(); });
  }
  /// Runs `call` on the server's thread and waits for it.
  template <typename Call>
  auto on_loop(Call call) {
    std::packaged_task<decltype(call())()> task(std::move(call));
    auto result = task.get_future();
    boost::asio::post(io, [&task] { task(); });
    return result.get();
  }
  void shut_down() {
    if (!thread.joinable()) return;
    on_loop([this] { server.reset(); });
    work.reset();
    thread.join();
  }

  /// Polls on the server's thread, for what no answer on a socket tells.
  bool eventually(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < deadline)
      if (on_loop(condition)) return true;
    return false;
  }

  RawClient open_websocket() {
    RawClient client(port);
    EXPECT_EQ(client.upgrade().status, 101);
    return client;
  }
  /// What the server has logged.
  std::string logged() {
    return on_loop([this] { return log_text.str(); });
  }

  boost::asio::io_context io{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
  std::ostringstream log_text;
  base::Log log = std::make_shared<spdlog::logger>(
      "test", std::make_shared<spdlog::sinks::ostream_sink_st>(log_text));
  net::ServerOptions options;
  std::vector<relay::HttpRoute> routes;
  std::vector<std::shared_ptr<EchoSession>> sessions;
  std::unique_ptr<net::Server> server;
  std::uint16_t port = 0;
  std::thread thread;
};

}  // namespace test
