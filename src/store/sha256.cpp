#include "store/sha256.h"

#include <new>

namespace store {

// Both calls fail only for want of memory, or in an OpenSSL without SHA-256.
Sha256::Sha256()
    : algorithm_(EVP_MD_fetch(nullptr, "SHA256", nullptr), EVP_MD_free),
      context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
  if (!algorithm_ || !context_) throw std::bad_alloc();
}

Sha256::Digest Sha256::operator()(std::string_view first, std::string_view second) {
  Digest digest;
  EVP_DigestInit_ex(context_.get(), algorithm_.get(), nullptr);
  EVP_DigestUpdate(context_.get(), first.data(), first.size());
  EVP_DigestUpdate(context_.get(), second.data(), second.size());
  EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(digest.data()), nullptr);
  return digest;
}

}  // namespace store
