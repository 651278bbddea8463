#pragma once
// Self-signed certificates, made when a test needs them.
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "net/tls_context.h"

namespace test {

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;

inline void write_pem(const std::filesystem::path& path, const auto& write) {
  FILE* file = std::fopen(path.c_str(), "w");
  if (!file || write(file) != 1 || std::fclose(file) != 0) throw std::runtime_error("write_pem");
}

inline Certificate self_signed(EVP_PKEY* key, const std::string& name) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), subject);
  if (X509_sign(certificate.get(), key, EVP_sha256()) == 0) throw std::runtime_error("X509_sign");
  return certificate;
}

/// A new key and a certificate of this common name, as PEM files. A key with a passphrase is encrypted.
inline net::TlsFiles make_certificate(const std::filesystem::path& folder, const std::string& name,
                                      const char* passphrase = nullptr) {
  const Key key(EVP_EC_gen("P-256"));
  const auto certificate = self_signed(key.get(), name);
  const auto cert_path = folder / (name + ".crt"), key_path = folder / (name + ".key");
  write_pem(cert_path, [&](FILE* file) { return PEM_write_X509(file, certificate.get()); });
  write_pem(key_path, [&](FILE* file) {
    return PEM_write_PrivateKey(file, key.get(), passphrase ? EVP_aes_128_cbc() : nullptr, nullptr,
                                0, nullptr, const_cast<char*>(passphrase));
  });
  return {cert_path.string(), key_path.string()};
}

}  // namespace test
