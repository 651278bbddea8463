#pragma once
#include <string>

#include "relay/messages.h"

namespace relay {

/// What whoever brought an event is told of its outcome; "" when it is stored.
[[nodiscard]] inline std::string reason_of(const store::WriteResult& result) {
  switch (result.outcome) {
    case store::Outcome::accepted:
      break;
    case store::Outcome::duplicate:
      return "duplicate: already have this event";
    case store::Outcome::stale:
      return "duplicate: a newer version of this event is here";
    case store::Outcome::deleted:
      return "blocked: this event was deleted";
    case store::Outcome::refused:
      return result.reason;
  }
  return {};
}

}  // namespace relay
