#include "relay/extension/bearer.h"

#include <openssl/crypto.h>

#include <algorithm>

namespace relay {

bool bears_one_of(std::span<const std::string> tokens, const HttpRequest& request) {
  std::string_view given = request.header("authorization");
  constexpr std::string_view scheme = "Bearer ";
  if (!given.starts_with(scheme)) return false;
  given.remove_prefix(scheme.size());
  return std::ranges::any_of(tokens, [&](const std::string& token) {
    return !token.empty() && given.size() == token.size() &&
           CRYPTO_memcmp(given.data(), token.data(), token.size()) == 0;
  });
}

}  // namespace relay
