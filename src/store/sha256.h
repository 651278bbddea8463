#pragma once
#include <openssl/evp.h>

#include <array>
#include <memory>
#include <span>
#include <string_view>

namespace store {

/// SHA-256 with a context that is kept: OpenSSL's one-shot call looks the algorithm up anew each
/// time, which costs more than hashing a tag. One per thread.
class Sha256 {
 public:
  using Digest = std::array<char, 32>;

  Sha256();
  [[nodiscard]] Digest operator()(std::string_view first, std::string_view second);

 private:
  std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> algorithm_;
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace store
