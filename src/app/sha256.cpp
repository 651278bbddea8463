#include "app/sha256.h"

#include <openssl/evp.h>

#include <stdexcept>

namespace app {

base::Bytes32 sha256(std::string_view bytes) {
  base::Bytes32 hash;
  if (EVP_Digest(bytes.data(), bytes.size(), hash.bytes.data(), nullptr, EVP_sha256(), nullptr) !=
      1)
    throw std::runtime_error("OpenSSL failed to hash");
  return hash;
}

}  // namespace app
