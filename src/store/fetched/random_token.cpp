#include "store/fetched/random_token.h"

#include <openssl/rand.h>

#include <new>

namespace store::fetched {

std::string random_token() {
  std::string token(16, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(token.data()), static_cast<int>(token.size())) !=
      1)
    throw std::bad_alloc();
  return token;
}

}  // namespace store::fetched
