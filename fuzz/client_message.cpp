// Any text a client may send: it is understood or answered, and what is answered is bounded and has
// its prefix.
#include "nostr/client_message.h"

#include <simdjson.h>

#include "check.h"
#include "nostr/relay_message.h"

using namespace nostr;

namespace {

void check_error(const MessageError& error) {
  check(error.reason.starts_with("invalid: ") || error.reason.starts_with("unsupported: "),
        "a reason has a prefix");
  check(error.reason.size() < 512 && error.subject.size() <= 256, "an error is small");
  check(error.subject.empty() == (error.answer == MessageError::Answer::notice),
        "all but a notice have a subject");
  const std::string answer = closed_message(error.subject, error.reason);
  check(simdjson::validate_utf8(answer), "an answer is UTF-8");
}

void check_event(MessageParser& parser, const Event& event) {
  const auto again = parser.parse_event(event.json);
  check(again && again->json == event.json, "an accepted event parses to itself");
}

void check_message(MessageParser& parser, const ClientMessage& message) {
  if (const auto* sent = std::get_if<EventMessage>(&message)) check_event(parser, sent->event);
  if (const auto* sent = std::get_if<AuthMessage>(&message)) check_event(parser, sent->event);
  if (const auto* req = std::get_if<ReqMessage>(&message)) {
    check(!req->filters.empty() && req->filters.size() <= 20, "filters are bounded");
    check(!req->subscription.empty() && req->subscription.size() <= 256,
          "a subscription id is bounded");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static MessageParser parser{base::Limits{}};
  const auto parsed = parser.parse({reinterpret_cast<const char*>(data), size});
  if (parsed)
    check_message(parser, *parsed);
  else
    check_error(parsed.error());
  return 0;
}
