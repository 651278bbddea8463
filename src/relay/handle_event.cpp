// EVENT: limits, id and signature, admission, then the writer. OK follows the commit (Worker, Writer).
#include <fmt/format.h>

#include <algorithm>

#include "nostr/kinds.h"
#include "nostr/nip13.h"
#include "nostr/nip62.h"
#include "nostr/relay_message.h"
#include "relay/event_rules.h"
#include "relay/worker.h"

namespace relay {
namespace {

/// A repost (kinds 6 and 16) carries another event as JSON in its content; NIP-70 wants protected ones kept out of it.
bool reposts_protected(const nostr::Event& event, nostr::MessageParser& parser) {
  if (event.kind != nostr::kind::repost && event.kind != nostr::kind::generic_repost) return false;
  const auto carried = parser.parse_event(event.content());
  return carried && carried->is_protected();
}

/// In characters, as NIP-11 counts them: most events are told from their size alone.
bool has_longer_content(const nostr::Event& event, std::int64_t most) {
  if (most == 0 || event.content_json().size() <= static_cast<std::size_t>(most)) return false;
  const auto begins_character = [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  };
  return std::ranges::count_if(event.content(), begins_character) > most;
}

}  // namespace

bool vanishes_here(const nostr::Event& event, const RelayOptions& options) {
  return event.kind == nostr::kind::vanish &&
         nostr::vanish_target(event, options.auth_urls) == nostr::VanishTarget::us;
}

void Connection::handle(nostr::EventMessage message) {
  const auto read_at = worker_.admission().time();
  auto event = std::make_shared<const nostr::Event>(std::move(message.event));
  const std::string refusal = relay::refusal_of(*event, *viewer_, worker_.now(), worker_.options(),
                                                &worker_.verifier(), worker_.parser());
  if (!refusal.empty()) return answer(*event, false, refusal, read_at);
  const Verdict verdict =
      worker_.admission().check_event({*event, *viewer_, peer_, worker_.now(), writes_in_flight_});
  if (verdict.denied() || verdict.swallowed()) return settle(*event, verdict, read_at);
  if (!worker_.admission().authorizes(*event)) return submit(std::move(event), viewer_, 0, read_at);
  begin_decision();
  worker_.spawn_with_deadline(authorize(shared_from_this(), std::move(event), read_at));
}

std::string refusal_of(const nostr::Event& event, const nostr::Viewer& viewer,
                       base::UnixSeconds now, const RelayOptions& options,
                       nostr::Verifier* verifier, nostr::MessageParser& parser) {
  const auto& limits = options.limits;
  if (event.kind == nostr::kind::client_auth)
    return "invalid: this kind answers a challenge; send it as [\"AUTH\", event]";
  if (event.created_at > now + limits.created_at_max_ahead_s)
    return fmt::format("invalid: created_at is more than {} seconds ahead of now",
                       limits.created_at_max_ahead_s);
  if (limits.created_at_max_age_s > 0 && event.created_at < now - limits.created_at_max_age_s)
    return fmt::format("invalid: created_at is more than {} seconds ago",
                       limits.created_at_max_age_s);
  if (has_longer_content(event, limits.max_content_length))
    return fmt::format("invalid: content is longer than {} characters", limits.max_content_length);
  if (auto work = nostr::check_work(event, static_cast<unsigned>(limits.min_pow_difficulty),
                                    limits.require_pow_commitment);
      !work)
    return std::move(work.error());
  if (const auto expiration = event.expiration(); expiration && *expiration <= now)
    return "invalid: this event has expired";
  const auto verified =
      verifier ? verifier->verify(event) : std::expected<void, nostr::VerifyError>{};
  if (!verified) {
    return verified.error() == nostr::VerifyError::bad_id
               ? "invalid: id is not the SHA-256 of this event (NIP-01)"
               : "invalid: the signature does not verify";
  }
  if (event.kind == nostr::kind::vanish &&
      nostr::vanish_target(event, options.auth_urls) == nostr::VanishTarget::none)
    return "invalid: a request to vanish names its relays in `relay` tags (NIP-62)";
  if (event.is_protected() && !viewer.proves(event.pubkey)) {
    return viewer.anonymous()
               ? "auth-required: this event is protected; its author must authenticate (NIP-70)"
               : "restricted: this event is protected; only its author may publish it (NIP-70)";
  }
  if (reposts_protected(event, parser))
    return "restricted: this repost carries a protected event; only its author may publish it "
           "(NIP-70)";
  return {};
}

Connection::Awaitable Connection::authorize(std::shared_ptr<Connection> /*alive*/,
                                            nostr::EventPtr event, Instant read_at) {
  const nostr::ViewerPtr viewer = viewer_;
  const EventContext context{*event, *viewer, peer_, worker_.now(), writes_in_flight_};
  const Verdict verdict = co_await worker_.admission().authorize_event(context);
  if (verdict.denied() || verdict.swallowed())
    settle(*event, verdict, read_at);
  else
    submit(std::move(event), viewer, verdict.note(), read_at);
  end_decision();
}

void Connection::settle(const nostr::Event& event, const Verdict& verdict, Instant read_at) {
  answer(event, !verdict.denied(), verdict.denied() ? verdict.reason() : "", read_at);
}

void Connection::answer(const nostr::Event& event, bool accepted, std::string_view reason,
                        Instant read_at) {
  send(nostr::ok_message(base::to_hex(event.id), accepted, reason));
  const Admission& admission = worker_.admission();
  admission.tell(EventAnswered{event.kind, accepted, reason, admission.took(read_at)});
}

void Connection::submit(nostr::EventPtr event, nostr::ViewerPtr viewer, std::uint8_t note,
                        Instant read_at) {
  store::Write write{event,
                     std::move(viewer),
                     worker_.now(),
                     event->expiration(),
                     vanishes_here(*event, worker_.options()),
                     note};
  if (worker_.submit(std::move(write), weak_from_this(), read_at)) {
    ++writes_in_flight_;
  } else {
    answer(*event, false,
           "error: the relay is too busy to store this now; send it again in a moment", read_at);
  }
}

}  // namespace relay
