#pragma once
// Real keys and signatures, for layers that verify. Keys are made of small numbers, so runs repeat.
#include <fmt/format.h>
#include <secp256k1.h>
#include <secp256k1_extrakeys.h>
#include <secp256k1_schnorrsig.h>

#include <memory>
#include <string>
#include <vector>

#include "nostr/client_message.h"
#include "nostr/relay_message.h"
#include "nostr/verify.h"

namespace test {

using TagList = std::vector<std::vector<std::string>>;

class Signer {
 public:
  explicit Signer(std::uint8_t number)
      : context_(secp256k1_context_create(SECP256K1_CONTEXT_NONE)) {
    std::array<unsigned char, 32> secret{};
    secret[31] = number;
    secp256k1_xonly_pubkey key;
    if (secp256k1_keypair_create(context_.get(), &keypair_, secret.data()) != 1 ||
        secp256k1_keypair_xonly_pub(context_.get(), &key, nullptr, &keypair_) != 1) {
      throw std::logic_error("not a key; use a number from 1");
    }
    secp256k1_xonly_pubkey_serialize(context_.get(), key_.bytes.data(), &key);
  }

  [[nodiscard]] const nostr::PublicKey& key() const { return key_; }
  [[nodiscard]] std::string hex() const { return base::to_hex(key_); }

  /// The signed event as JSON.
  [[nodiscard]] std::string sign(int kind, const TagList& tags, std::string_view content,
                                 std::int64_t created_at) const {
    const std::string unsigned_json =
        json(kind, tags, content, created_at, std::string(64, '0'), std::string(128, '0'));
    nostr::MessageParser parser{base::Limits{}};
    nostr::Verifier verifier;
    const nostr::EventId id = verifier.id_of(*parser.parse_event(unsigned_json));
    base::Bytes64 signature;
    secp256k1_schnorrsig_sign32(context_.get(), signature.bytes.data(), id.bytes.data(), &keypair_,
                                nullptr);
    return json(kind, tags, content, created_at, base::to_hex(id), base::to_hex(signature));
  }

 private:
  struct Destroy {
    void operator()(secp256k1_context* context) const { secp256k1_context_destroy(context); }
  };

  [[nodiscard]] std::string json(int kind, const TagList& tags, std::string_view content,
                                 std::int64_t created_at, const std::string& id,
                                 const std::string& signature) const {
    std::string list;
    for (const auto& tag : tags) {
      std::string items;
      for (const auto& item : tag) {
        if (!items.empty()) items += ',';
        nostr::append_json_string(items, item);
      }
      list += (list.empty() ? "[" : ",[") + items + "]";
    }
    std::string quoted;
    nostr::append_json_string(quoted, content);
    return fmt::format(
        R"({{"id":"{}","pubkey":"{}","created_at":{},"kind":{},"tags":[{}],"content":{},"sig":"{}"}})",
        id, hex(), created_at, kind, list, quoted, signature);
  }

  std::unique_ptr<secp256k1_context, Destroy> context_;
  secp256k1_keypair keypair_{};
  nostr::PublicKey key_;
};

}  // namespace test
