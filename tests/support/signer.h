#pragma once
// Real keys and signatures, for layers that verify. Keys are made of small numbers, so runs repeat.
#include <fmt/format.h>

#include <string>

#include "nostr/signer.h"

namespace test {

using TagList = nostr::Signer::Tags;

class Signer {
 public:
  explicit Signer(std::uint8_t number)
      : signer_(nostr::Signer::parse(fmt::format("{:064x}", number)).value()) {}

  [[nodiscard]] const nostr::PublicKey& key() const { return signer_.key(); }
  [[nodiscard]] std::string hex() const { return base::to_hex(key()); }

  /// The signed event as JSON.
  [[nodiscard]] std::string sign(int kind, const TagList& tags, std::string_view content,
                                 std::int64_t created_at) const {
    return signer_.sign(static_cast<nostr::Kind>(kind), tags, content, created_at);
  }

 private:
  nostr::Signer signer_;
};

}  // namespace test
