#pragma once
// Events for tests: well shaped, with ids and signatures that nobody checks.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "base/limits.h"
#include "nostr/client_message.h"

namespace test {

inline nostr::PublicKey key(char digit) {
  return *base::from_hex<nostr::PublicKey>(std::string(64, digit));
}

/// The JSON text of each field, to be replaced one by one.
struct EventText {
  std::string id = '"' + std::string(64, '1') + '"';
  std::string pubkey = '"' + std::string(64, 'a') + '"';
  std::string created_at = "1000";
  std::string kind = "1";
  std::string tags = "[]";
  std::string content = R"("hi")";
  std::string sig = '"' + std::string(128, '2') + '"';

  [[nodiscard]] std::string json() const {
    return R"({"id":)" + id + R"(,"pubkey":)" + pubkey + R"(,"created_at":)" + created_at +
           R"(,"kind":)" + kind + R"(,"tags":)" + tags + R"(,"content":)" + content + R"(,"sig":)" +
           sig + '}';
  }
};

inline nostr::Event event(std::string_view json) {
  nostr::MessageParser parser{base::Limits{}};
  auto parsed = parser.parse_event(json);
  if (!parsed) {
    ADD_FAILURE() << parsed.error() << ": " << json;
    return {};
  }
  return std::move(*parsed);
}

inline nostr::Event event(const EventText& text) { return event(text.json()); }

inline nostr::Filter filter(std::string_view json) {
  nostr::MessageParser parser{base::Limits{}};
  auto parsed = parser.parse_filter(json);
  if (!parsed) {
    ADD_FAILURE() << parsed.error() << ": " << json;
    return {};
  }
  return std::move(*parsed);
}

}  // namespace test
