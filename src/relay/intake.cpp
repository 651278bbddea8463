#include "relay/intake.h"

#include <fmt/format.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include "nostr/kinds.h"
#include "relay/event_rules.h"

namespace relay {

Intake::Intake(const RelayOptions& options, store::RowReader& rows, const Extensions& extensions,
               Checks checks)
    : options_(options),
      admission_(extensions, WorkerServices{rows, *this, context_.get_executor()}),
      parser_(options.limits),
      checks_(checks) {}

Intake::~Intake() { admission_.stop(); }

bool Intake::start() {
  bool started = false;
  auto load = [](Admission& admission, bool& done) -> boost::asio::awaitable<void> {
    done = co_await admission.start();
  };
  run(load(admission_, started), Deadline::max());
  return started;
}

std::expected<nostr::EventPtr, std::string> Intake::parse(std::string_view json) {
  const base::Limits& limits = options_.limits;
  if (json.size() > static_cast<std::size_t>(limits.max_message_bytes))
    return std::unexpected(fmt::format("invalid: longer than limits.max_message_bytes = {}",
                                       limits.max_message_bytes));
  auto event = parser_.parse_event(json);
  if (!event) return std::unexpected("invalid: " + event.error());
  if (event->tags.size() > static_cast<std::size_t>(limits.max_event_tags))
    return std::unexpected(
        fmt::format("invalid: too many tags; the limit is {}", limits.max_event_tags));
  return std::make_shared<const nostr::Event>(*std::move(event));
}

std::expected<store::Write, std::string> Intake::take(std::string_view json,
                                                      std::size_t uncommitted) {
  auto event = parse(json);
  if (!event) return std::unexpected(std::move(event.error()));
  const base::UnixSeconds now = options_.clock();
  const EventContext context{**event, *nobody_, nowhere_, now, uncommitted};
  std::string refusal = refusal_of(**event, *nobody_, now, options_,
                                   checks_ == Checks::all ? &verifier_ : nullptr, parser_);
  if (!refusal.empty()) return std::unexpected(std::move(refusal));
  if (nostr::is_ephemeral((*event)->kind))
    return std::unexpected("invalid: ephemeral events are not stored");
  Verdict verdict = admission_.check_event(context);
  const bool is_open = !verdict.denied() && !verdict.swallowed() && admission_.authorizes(**event);
  if (is_open) verdict = authorize(context);
  if (verdict.denied()) return std::unexpected(verdict.reason());
  // An operator is told what a client is not.
  if (verdict.swallowed()) return std::unexpected("blocked: a policy drops this event silently");
  return store::Write{.event = *event,
                      .viewer = nobody_,
                      .received_at = now,
                      .expires_at = (*event)->expiration(),
                      .vanishes = vanishes_here(**event, options_),
                      .note = verdict.note()};
}

Verdict Intake::authorize(const EventContext& context) {
  std::optional<Verdict> verdict;
  auto ask = [](Admission& admission, EventContext asked,
                std::optional<Verdict>& answer) -> boost::asio::awaitable<void> {
    answer = co_await admission.authorize_event(asked);
  };
  const auto time = std::chrono::milliseconds(options_.limits.authorize_timeout_ms);
  run(ask(admission_, context, verdict), std::chrono::steady_clock::now() + time);
  return verdict ? *verdict : Verdict::deny("error: could not be decided");
}

void Intake::run(boost::asio::awaitable<void> task, Deadline deadline) {
  boost::asio::cancellation_signal too_late;
  bool done = false;
  boost::asio::co_spawn(context_, std::move(task),
                        boost::asio::bind_cancellation_slot(
                            too_late.slot(), [&done](const std::exception_ptr&) { done = true; }));
  context_.restart();
  while (!done && context_.run_one_until(deadline) > 0) {
  }
  if (!done) too_late.emit(boost::asio::cancellation_type::terminal);
  while (!done && context_.run_one() > 0) {
  }
}

boost::asio::awaitable<std::expected<std::vector<store::StoredEvent>, std::string>> Intake::perform(
    store::OperationPtr) {
  co_return std::unexpected("error: nothing is handed out here");
}

}  // namespace relay
