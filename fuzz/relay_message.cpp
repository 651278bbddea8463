// Any text as what a relay says to us: read without harm, and what carries bytes or an event carries them whole.
#include <algorithm>

#include "check.h"
#include "nostr/relay_message_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static nostr::RelayMessageReader reader;
  const auto answer = reader.read({reinterpret_cast<const char*>(data), size});
  if (!answer) {
    check(!answer.error().empty(), "every error has its sentence");
    return 0;
  }
  if (const auto* message = std::get_if<nostr::NegMsgAnswer>(&*answer))
    check(message->message.size() * 2 <= size, "two characters a byte");
  if (const auto* given = std::get_if<nostr::EventAnswer>(&*answer))
    check(given->event.json.starts_with('{'), "an event is an object");
  return 0;
}
