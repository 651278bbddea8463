#include "mls/labeled.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <memory>
#include <string>

namespace mls {
namespace {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;

/// What OpenSSL needs to know of a suite. Edwards signatures hash inside (no digest for them),
/// curve keys are points.
struct Algorithms {
  const EVP_MD* hash;
  int edwards_key_type;  ///< EVP_PKEY_ED25519 or _ED448, 0 for ECDSA
  const char* curve;
  std::size_t point_bytes;  ///< uncompressed
};

std::optional<Algorithms> algorithms_of(CipherSuite suite) {
  using enum CipherSuite;
  switch (suite) {
    case x25519_aes128gcm_sha256_ed25519:
    case x25519_chacha20poly1305_sha256_ed25519:
      return Algorithms{EVP_sha256(), EVP_PKEY_ED25519, nullptr, 0};
    case x448_aes256gcm_sha512_ed448:
    case x448_chacha20poly1305_sha512_ed448:
      return Algorithms{EVP_sha512(), EVP_PKEY_ED448, nullptr, 0};
    case p256_aes128gcm_sha256_p256:
      return Algorithms{EVP_sha256(), 0, "P-256", 65};
    case p384_aes256gcm_sha384_p384:
      return Algorithms{EVP_sha384(), 0, "P-384", 97};
    case p521_aes256gcm_sha512_p521:
      return Algorithms{EVP_sha512(), 0, "P-521", 133};
  }
  return std::nullopt;
}

/// Bad input leaves entries in the thread's OpenSSL error queue, where TLS on the same thread would
/// find them.
class ErrorQueueGuard {
 public:
  ErrorQueueGuard() { ERR_set_mark(); }
  ~ErrorQueueGuard() { ERR_pop_to_mark(); }
  ErrorQueueGuard(const ErrorQueueGuard&) = delete;
  ErrorQueueGuard& operator=(const ErrorQueueGuard&) = delete;
};

/// RFC 9420 §5.1.1 asks for the uncompressed form, but ts-mls writes compressed signature keys:
/// both are read, OpenSSL's third (hybrid) form is not. OpenSSL checks that the point lies on the
/// curve.
bool is_point(Bytes key, std::size_t uncompressed_bytes) {
  if (key.empty()) return false;
  if (key[0] == 4) return key.size() == uncompressed_bytes;
  return (key[0] == 2 || key[0] == 3) && key.size() == uncompressed_bytes / 2 + 1;
}

Key curve_key(const Algorithms& algorithms, Bytes point) {
  if (!is_point(point, algorithms.point_bytes)) return nullptr;
  std::string curve = algorithms.curve;
  std::vector<std::uint8_t> copy(point.begin(), point.end());
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, copy.data(), copy.size()),
      OSSL_PARAM_construct_end()};
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
    return nullptr;
  }
  return Key(key);
}

Key public_key(const Algorithms& algorithms, Bytes key) {
  if (algorithms.curve != nullptr) return curve_key(algorithms, key);
  return Key(
      EVP_PKEY_new_raw_public_key(algorithms.edwards_key_type, nullptr, key.data(), key.size()));
}

void append_vector(std::vector<std::uint8_t>& out, Bytes value) {
  const std::size_t size = value.size();
  if (size >= 1U << 14) {
    out.push_back(static_cast<std::uint8_t>(0x80 | size >> 24));
    out.push_back(static_cast<std::uint8_t>(size >> 16));
  }
  if (size >= 1U << 6) {
    out.push_back(static_cast<std::uint8_t>((size < 1U << 14 ? 0x40 : 0) | size >> 8));
  }
  out.push_back(static_cast<std::uint8_t>(size));
  out.insert(out.end(), value.begin(), value.end());
}

/// `struct { opaque label<V>; opaque value<V>; }`, the form of both RefHashInput and SignContent.
std::vector<std::uint8_t> labeled(std::string_view label, Bytes value) {
  std::vector<std::uint8_t> out;
  out.reserve(label.size() + value.size() + 8);
  append_vector(out, {reinterpret_cast<const std::uint8_t*>(label.data()), label.size()});
  append_vector(out, value);
  return out;
}

bool verifies(const Algorithms& algorithms, EVP_PKEY* key, Bytes content, Bytes signature) {
  const DigestContext context(EVP_MD_CTX_new());
  const EVP_MD* digest = algorithms.curve != nullptr ? algorithms.hash : nullptr;
  return context && EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), content.data(),
                          content.size()) == 1;
}

}  // namespace

std::optional<std::vector<std::uint8_t>> ref_hash(CipherSuite suite, std::string_view label,
                                                  Bytes value) {
  const auto algorithms = algorithms_of(suite);
  if (!algorithms) return std::nullopt;
  const auto input = labeled(label, value);
  std::vector<std::uint8_t> hash(static_cast<std::size_t>(EVP_MD_get_size(algorithms->hash)));
  const int done =
      EVP_Digest(input.data(), input.size(), hash.data(), nullptr, algorithms->hash, nullptr);
  if (done != 1) return std::nullopt;
  return hash;
}

Verification verify_with_label(CipherSuite suite, Bytes key, std::string_view label, Bytes content,
                               Bytes signature) {
  const auto algorithms = algorithms_of(suite);
  if (!algorithms) return Verification::unsupported_suite;
  const ErrorQueueGuard guard;
  const Key parsed = public_key(*algorithms, key);
  const auto signed_content = labeled("MLS 1.0 " + std::string(label), content);
  return parsed && verifies(*algorithms, parsed.get(), signed_content, signature)
             ? Verification::valid
             : Verification::invalid;
}

}  // namespace mls
