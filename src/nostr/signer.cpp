#include "nostr/signer.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <secp256k1.h>
#include <secp256k1_extrakeys.h>
#include <secp256k1_schnorrsig.h>

#include <utility>

#include "nostr/nip19.h"
#include "nostr/relay_message.h"

namespace nostr {
namespace {

std::string quoted(std::string_view text) {
  std::string json;
  append_json_string(json, text);
  return json;
}

std::string tags_json(const Signer::Tags& tags) {
  std::string json = "[";
  for (const auto& tag : tags) {
    json += json.size() > 1 ? ",[" : "[";
    for (std::size_t i = 0; i < tag.size(); ++i) {
      if (i > 0) json += ',';
      append_json_string(json, tag[i]);
    }
    json += ']';
  }
  return json += ']';
}

}  // namespace

struct Signer::Impl {
  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    OPENSSL_cleanse(&pair, sizeof pair);
    secp256k1_context_destroy(context);
  }

  secp256k1_context* context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
  secp256k1_keypair pair{};
  PublicKey key;
};

Signer::Signer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Signer::~Signer() = default;
Signer::Signer(Signer&&) noexcept = default;
Signer& Signer::operator=(Signer&&) noexcept = default;

std::expected<Signer, std::string> Signer::parse(std::string_view secret) {
  auto bytes = base::from_hex<base::Bytes32>(secret);
  if (!bytes) bytes = decode_bech32("nsec", secret);
  if (!bytes)
    return std::unexpected("not a secret key; it is nsec1… or 64 lowercase hex characters");
  auto impl = std::make_unique<Impl>();
  secp256k1_xonly_pubkey key;
  const bool made =
      secp256k1_keypair_create(impl->context, &impl->pair, bytes->bytes.data()) == 1 &&
      secp256k1_keypair_xonly_pub(impl->context, &key, nullptr, &impl->pair) == 1;
  OPENSSL_cleanse(bytes->bytes.data(), bytes->bytes.size());
  if (!made) return std::unexpected("this number is no secret key of secp256k1");
  secp256k1_xonly_pubkey_serialize(impl->context, impl->key.bytes.data(), &key);
  return Signer(std::move(impl));
}

const PublicKey& Signer::key() const { return impl_->key; }

std::string Signer::sign(Kind kind, const Tags& tags, std::string_view content,
                         base::UnixSeconds created_at) const {
  const std::string pubkey = base::to_hex(impl_->key);
  const std::string tags_text = tags_json(tags);
  const std::string content_text = quoted(content);
  const std::string hashed =
      fmt::format(R"([0,"{}",{},{},{},{}])", pubkey, created_at, kind, tags_text, content_text);
  EventId id;
  SHA256(reinterpret_cast<const unsigned char*>(hashed.data()), hashed.size(), id.bytes.data());
  Signature signature;
  secp256k1_schnorrsig_sign32(impl_->context, signature.bytes.data(), id.bytes.data(), &impl_->pair,
                              nullptr);
  return fmt::format(
      R"({{"id":"{}","pubkey":"{}","created_at":{},"kind":{},"tags":{},"content":{},"sig":"{}"}})",
      base::to_hex(id), pubkey, created_at, kind, tags_text, content_text, base::to_hex(signature));
}

}  // namespace nostr
