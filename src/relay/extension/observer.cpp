#include "relay/extension/observer.h"

#include <array>

namespace relay {
namespace {

constexpr std::array<std::string_view, client_verbs> client_names = {
    "EVENT", "REQ", "COUNT", "CLOSE", "AUTH", "NEG-OPEN", "NEG-MSG", "NEG-CLOSE", "other"};
constexpr std::array<std::string_view, relay_verbs> relay_names = {
    "EVENT", "OK", "EOSE", "CLOSED", "NOTICE", "AUTH", "COUNT", "NEG-MSG", "NEG-ERR"};

}  // namespace

std::string_view name_of(ClientVerb verb) { return client_names[static_cast<std::size_t>(verb)]; }

std::string_view name_of(RelayVerb verb) { return relay_names[static_cast<std::size_t>(verb)]; }

RelayVerb relay_verb_of(std::string_view message) {
  message.remove_prefix(2);  // ["
  std::size_t verb = 0;
  while (verb + 1 < relay_verbs && !message.starts_with(relay_names[verb])) ++verb;
  return static_cast<RelayVerb>(verb);
}

}  // namespace relay
