#include "relay/extension/bearer.h"

#include <openssl/crypto.h>

#include <algorithm>

namespace relay {

std::optional<std::string_view> bearer_token(const HttpRequest& request) {
  constexpr std::string_view scheme = "bearer ";
  const std::string_view given = request.header("authorization");
  const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };  // RFC 9110 §11.1
  if (!std::ranges::equal(given.substr(0, scheme.size()), scheme, same)) return std::nullopt;
  return given.substr(scheme.size());
}

bool is_one_of(std::span<const std::string> tokens, std::string_view given) {
  bool is_one = false;
  for (const std::string& token : tokens) {
    is_one |= !token.empty() && given.size() == token.size() &&
              CRYPTO_memcmp(given.data(), token.data(), token.size()) == 0;
  }
  return is_one;
}

}  // namespace relay
