#pragma once
#include <optional>
#include <string>

#include "fake_firestore/documents.h"
#include "fake_firestore/failure.h"

namespace fake_firestore {

/// Resume tokens: a time, as long as it is remembered. Not thread-safe.
class Tokens {
 public:
  [[nodiscard]] std::string of(Micros time) const;

  /// INVALID_ARGUMENT: never was a token. Nothing: one that was forgotten.
  [[nodiscard]] Result<std::optional<Micros>> time_of(const std::string& token) const;

  /// All tokens until now.
  void forget() { ++generation_; }

 private:
  std::int64_t generation_ = 1;
};

}  // namespace fake_firestore
