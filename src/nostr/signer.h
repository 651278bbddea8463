#pragma once
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nostr/event.h"
#include "nostr/kinds.h"

namespace nostr {

/// Signs events with a secret key (BIP-340), which is wiped when this goes. Thread-safe once made.
class Signer {
 public:
  using Tags = std::vector<std::vector<std::string>>;

  /// "nsec1…" or 64 lowercase hex characters. The error says what would do, and nothing of the text.
  [[nodiscard]] static std::expected<Signer, std::string> parse(std::string_view secret);
  ~Signer();
  Signer(Signer&&) noexcept;
  Signer& operator=(Signer&&) noexcept;

  [[nodiscard]] const PublicKey& key() const;
  /// The signed event as JSON, its fields in the order of NIP-01.
  [[nodiscard]] std::string sign(Kind kind, const Tags& tags, std::string_view content,
                                 base::UnixSeconds created_at) const;

 private:
  struct Impl;
  explicit Signer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace nostr
