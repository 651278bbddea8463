// Any text as an event: what is accepted has one written form, whose slices and texts agree.
#include "nostr/event.h"

#include <simdjson.h>

#include "check.h"
#include "nostr/address.h"
#include "nostr/client_message.h"
#include "nostr/deletion.h"
#include "nostr/relay_message.h"
#include "nostr/verify.h"

using namespace nostr;

namespace {

bool same_tags(const Tags& a, const Tags& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].size() != b[i].size()) return false;
    for (std::size_t j = 0; j < a[i].size(); ++j)
      if (a[i][j] != b[i][j]) return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static MessageParser parser{base::Limits{}};
  static Verifier verifier;
  const auto event = parser.parse_event({reinterpret_cast<const char*>(data), size});
  if (!event) return 0;

  check(simdjson::validate_utf8(event->json), "an event is UTF-8");
  const auto again = parser.parse_event(event->json);
  check(again && again->json == event->json && same_tags(again->tags, event->tags),
        "an accepted event parses to itself");
  std::string content;
  append_json_string(content, event->content());
  check(content == event->content_json(), "content is unescaped and escaped alike");
  check(again->content() == event->content(), "content survives");

  (void)verifier.verify(*event);
  (void)event->expiration();
  const auto address = address_of(*event);
  check(!address || address->pubkey == event->pubkey, "an address is its author's");
  for (const Address& target : deletion_request(*event).addresses)
    check(target.pubkey == event->pubkey, "a deletion reaches its signer's addresses only");
  return 0;
}
