// AUTH (NIP-42): a connection may prove several keys and acts as all of them; a failed proof takes none away.
#include <fmt/format.h>

#include "nostr/nip42.h"
#include "nostr/relay_message.h"
#include "relay/worker.h"

namespace relay {
namespace {

/// Says first that it is the proof that failed, in the words of the specification's chapter on troubleshooting.
std::string as_failure(std::string reason) {
  constexpr std::string_view prefix = "invalid: ";
  if (reason.starts_with(prefix)) reason.insert(prefix.size(), "Authentication failed: ");
  return reason;
}

}  // namespace

void Connection::handle(nostr::AuthMessage message) {
  auto event = std::make_shared<const nostr::Event>(std::move(message.event));
  const Verdict verdict = worker_.admission().check_auth({*viewer_, peer_, worker_.now()});
  const std::string refusal =
      verdict.denied() ? verdict.reason() : as_failure(refusal_of_auth(*event));
  if (!refusal.empty() || viewer_->proves(event->pubkey)) return answer_auth(*event, refusal);
  begin_decision();
  worker_.spawn_with_deadline(authenticate(shared_from_this(), std::move(event)));
}

std::string Connection::refusal_of_auth(const nostr::Event& event) const {
  const RelayOptions& options = worker_.options();
  if (!options.offer_auth) return "restricted: authentication is switched off on this relay";
  if (!worker_.verifier().verify(event))
    return "invalid: id or signature of the AUTH event does not verify";
  const auto checked =
      nostr::check_auth_event(event, base::to_hex(challenge_), worker_.now(), options.auth_urls);
  if (!checked) return checked.error();
  const auto max_keys = static_cast<std::size_t>(options.limits.max_keys_per_connection);
  if (viewer_->keys.size() >= max_keys && !viewer_->proves(event.pubkey))
    return fmt::format("restricted: a connection can prove at most {} keys", max_keys);
  return {};
}

Connection::Awaitable Connection::authenticate(std::shared_ptr<Connection> /*alive*/,
                                               nostr::EventPtr event) {
  const std::uint64_t standings = worker_.standings();
  const Verdict verdict = co_await worker_.admission().on_auth(event->pubkey);
  if (!verdict.denied() && closed()) {
    worker_.admission().on_leave(event->pubkey);
    co_return;
  }
  if (!verdict.denied()) {
    auto viewer = std::make_shared<nostr::Viewer>(*viewer_);
    viewer->keys.push_back(event->pubkey);
    viewer_ = std::move(viewer);
    // What was said of this key may be older than a ban that came while others were asked.
    if (standings != worker_.standings() && !check_standing(false)) co_return;
  }
  answer_auth(*event, verdict.denied() ? verdict.reason() : "");
  end_decision();
}

void Connection::answer_auth(const nostr::Event& event, std::string_view refusal) {
  worker_.admission().tell(AuthAnswered{refusal});
  send(nostr::ok_message(base::to_hex(event.id), refusal.empty(), refusal));
}

}  // namespace relay
