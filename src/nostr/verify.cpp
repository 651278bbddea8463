#include "nostr/verify.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <secp256k1.h>
#include <secp256k1_extrakeys.h>
#include <secp256k1_schnorrsig.h>

#include <initializer_list>
#include <stdexcept>
#include <vector>

#include "nostr/json_escapes.h"

namespace nostr {
namespace {

// Parsing a key costs 4 µs of the 34 µs of a check; authors repeat.
constexpr std::size_t cached_keys = 1024;

struct CachedKey {
  bool filled = false;
  PublicKey pubkey;
  secp256k1_xonly_pubkey parsed;
};

}  // namespace

struct Verifier::Impl {
  Impl()
      : digest(EVP_MD_fetch(nullptr, "SHA256", nullptr), EVP_MD_free),
        context(EVP_MD_CTX_new(), EVP_MD_CTX_free),
        keys(cached_keys) {
    if (!digest || !context) throw std::runtime_error("OpenSSL offers no SHA-256");
  }

  EventId hash(const Event& event, std::string_view tags, std::string_view content);
  bool signature_holds(const Event& event);
  const secp256k1_xonly_pubkey* key(const PublicKey& pubkey);

  std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)>
      digest;  // fetched once: a fetch costs as much as a hash
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context;
  std::vector<CachedKey> keys;  // one slot per hash value, the newest key in it
};

EventId Verifier::Impl::hash(const Event& event, std::string_view tags, std::string_view content) {
  const auto head =
      fmt::format(R"([0,"{}",{},{},)", base::to_hex(event.pubkey), event.created_at, event.kind);
  EventId id;
  bool done = EVP_DigestInit_ex2(context.get(), digest.get(), nullptr) == 1;
  for (const std::string_view piece :
       {std::string_view(head), tags, std::string_view(","), content, std::string_view("]")})
    done = done && EVP_DigestUpdate(context.get(), piece.data(), piece.size()) == 1;
  done = done && EVP_DigestFinal_ex(context.get(), id.bytes.data(), nullptr) == 1;
  if (!done) throw std::runtime_error("OpenSSL failed to hash");
  return id;
}

const secp256k1_xonly_pubkey* Verifier::Impl::key(const PublicKey& pubkey) {
  CachedKey& slot = keys[std::hash<PublicKey>()(pubkey) % keys.size()];
  if (slot.filled && slot.pubkey == pubkey) return &slot.parsed;
  slot.pubkey = pubkey;
  slot.filled = secp256k1_xonly_pubkey_parse(secp256k1_context_static, &slot.parsed,
                                             pubkey.bytes.data()) == 1;
  return slot.filled ? &slot.parsed : nullptr;
}

bool Verifier::Impl::signature_holds(const Event& event) {
  const auto* author = key(event.pubkey);
  return author &&
         secp256k1_schnorrsig_verify(secp256k1_context_static, event.sig.bytes.data(),
                                     event.id.bytes.data(), event.id.bytes.size(), author) == 1;
}

Verifier::Verifier() : impl_(std::make_unique<Impl>()) {}
Verifier::~Verifier() = default;

EventId Verifier::id_of(const Event& event) {
  return impl_->hash(event, event.tags_json(), event.content_json());
}

std::expected<void, VerifyError> Verifier::verify(const Event& event) {
  // NIP-01 escapes seven characters and leaves the rest as it is; JSON libraries write the other
  // control characters as \u00xx, and clients hash what their library writes.
  const auto holds_raw = [&] {
    const std::string_view tags = event.tags_json(), content = event.content_json();
    if (tags.find("\\u00") == tags.npos && content.find("\\u00") == content.npos) return false;
    return impl_->hash(event, json::with_raw_controls(tags), json::with_raw_controls(content)) ==
           event.id;
  };
  if (id_of(event) != event.id && !holds_raw()) return std::unexpected(VerifyError::bad_id);
  if (!impl_->signature_holds(event)) return std::unexpected(VerifyError::bad_signature);
  return {};
}

}  // namespace nostr
