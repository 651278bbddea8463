#include "signed_events.h"

#include <fmt/format.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <secp256k1_schnorrsig.h>

#include <algorithm>
#include <charconv>
#include <ctime>

#include "base/bytes.h"
#include "client_frames.h"
#include "crowd.h"

namespace bench {
namespace {

base::Bytes32 random_bytes() {
  base::Bytes32 bytes;
  RAND_bytes(bytes.bytes.data(), static_cast<int>(bytes.bytes.size()));
  return bytes;
}

base::Bytes32 sha256(std::string_view text) {
  base::Bytes32 hash;
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.bytes.data());
  return hash;
}

}  // namespace

Signer::Signer() : context_(secp256k1_context_create(SECP256K1_CONTEXT_NONE)) { change_key(); }

void Signer::change_key() {
  secp256k1_xonly_pubkey key;
  base::Bytes32 encoded;
  // One in 2^128 random strings is no key.
  while (secp256k1_keypair_create(context_.get(), &keypair_, random_bytes().bytes.data()) != 1 ||
         secp256k1_keypair_xonly_pub(context_.get(), &key, nullptr, &keypair_) != 1) {
  }
  secp256k1_xonly_pubkey_serialize(context_.get(), encoded.bytes.data(), &key);
  public_key_ = base::to_hex(encoded);
}

std::string Signer::sign(int kind, std::string_view tags, std::string_view content) const {
  const auto created_at = std::time(nullptr);
  const auto id = sha256(
      fmt::format(R"([0,"{}",{},{},{},"{}"])", public_key_, created_at, kind, tags, content));
  base::Bytes64 signature;
  secp256k1_schnorrsig_sign32(context_.get(), signature.bytes.data(), id.bytes.data(), &keypair_,
                              random_bytes().bytes.data());
  return fmt::format(
      R"({{"id":"{}","pubkey":"{}","created_at":{},"kind":{},"tags":{},"content":"{}","sig":"{}"}})",
      base::to_hex(id), public_key_, created_at, kind, tags, content, base::to_hex(signature));
}

std::vector<PreparedEvent> prepare(Signer& signer, const EventPlan& plan) {
  std::vector<PreparedEvent> events;
  events.reserve(plan.count);
  for (std::size_t i = 0; i < plan.count; ++i) {
    if (i > 0 && i % 10'000 == 0) progress(fmt::format("signed {} of {}", i, plan.count));
    if (plan.one_time_keys) signer.change_key();
    std::string content = fmt::format("{} {} ", i, random_hex(8));
    content.resize(std::max(content.size(), plan.content_bytes), 'x');
    const std::string event = signer.sign(plan.kind, plan.tags(i), content);
    events.push_back({event_key_in(event), text_frame(fmt::format(R"(["EVENT",{}])", event))});
  }
  return events;
}

std::string random_hex(std::size_t bytes) {
  std::vector<std::uint8_t> random(bytes);
  RAND_bytes(random.data(), static_cast<int>(bytes));
  return base::to_hex(random);
}

std::uint64_t event_key(std::string_view id) {
  std::uint64_t key = 0;
  if (id.size() >= 16) std::from_chars(id.data(), id.data() + 16, key, 16);
  return key;
}

std::uint64_t event_key_in(std::string_view json) {
  constexpr std::string_view name = R"("id":)";
  const auto at = json.find(name);
  if (at == std::string_view::npos) return 0;
  json.remove_prefix(at + name.size());
  const auto quote = json.find('"');
  return quote == std::string_view::npos ? 0 : event_key(json.substr(quote + 1));
}

}  // namespace bench
