#pragma once
#include <string>

namespace store {

/// Why a store could not do what was asked. `message` is for the operator's log and names the remedy where there is one;
/// clients are told only `error: ` and a general sentence.
struct StoreError {
  enum class Code {
    unavailable,      ///< nothing was written; trying again may help
    full,             ///< no room: disk, map or quota; nothing was written
    corrupt,          ///< stored bytes do not make sense
    unknown_outcome,  ///< written or not: ask by id before answering
  };
  Code code;
  std::string message;
};

}  // namespace store
