#pragma once
#include <boost/asio/io_context.hpp>
#include <memory>
#include <vector>

#include "app/settings.h"
#include "base/log.h"
#include "client/synchronize.h"
#include "nostr/relay_message_reader.h"
#include "relay/staging.h"
#include "relay/worker.h"
#include "relay/writer.h"

namespace app {

/// The relay without its sockets, for commands: one worker, and an anonymous client of it in this process. What it reads
/// goes through the read decision and what it writes through every check, as for anybody on the wire; of the limits only
/// budgets of events in a time are off, since it is the operator who asks.
///
/// Everything runs on `context`, which outlives it and is run by the caller; the writer has its own thread.
class LocalRelay final : public client::Local, private relay::Transport {
 public:
  LocalRelay(const Settings& settings, std::unique_ptr<store::Store> store, nostr::Filter filter,
             boost::asio::io_context& context, const base::Log& log);
  ~LocalRelay() override;

  /// Loads what the extensions must know; call it first, and once.
  [[nodiscard]] client::Outcome<void> start();

  // client::Local, of `filter`.
  [[nodiscard]] client::Outcome<nostr::negentropy::Items> items() override;
  [[nodiscard]] client::Outcome<std::vector<nostr::EventPtr>> events(
      std::span<const nostr::EventId> ids) override;
  [[nodiscard]] client::Outcome<std::vector<client::Verdict>> append(
      std::span<const nostr::Event> events) override;

 private:
  // relay::Transport: the anonymous client's end.
  [[nodiscard]] base::IpAddress peer() const override { return {}; }
  void wake() override { woken_.cancel(); }
  void resume() override;
  void close(relay::CloseReason reason) override;

  boost::asio::awaitable<void> next_wake();
  /// Takes the OKs that are there.
  void collect(std::vector<client::Verdict>& verdicts);

  const Settings settings_;
  const std::unique_ptr<store::Store> store_;
  const nostr::Filter filter_;
  const relay::Extensions extensions_;
  const relay::Staging staging_;
  const relay::RelayOptions options_;
  relay::Writer writer_;
  relay::Worker worker_;
  boost::asio::steady_timer woken_;
  std::shared_ptr<relay::Session> session_;
  nostr::RelayMessageReader reader_;
  bool waits_ = false;   // the session takes no input for now
  bool closed_ = false;  // the session gave this client up
};

}  // namespace app
