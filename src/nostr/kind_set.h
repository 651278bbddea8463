#pragma once
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nostr/kinds.h"

namespace nostr {

/// Kinds as an operator names them: single ones and ranges. A value.
class KindSet {
 public:
  /// "1", "1,7" or "1 30000-39999" (an environment variable has its commas between entries). The
  /// error says what would do.
  [[nodiscard]] static std::expected<KindSet, std::string> parse(std::string_view text);

  [[nodiscard]] bool empty() const { return ranges_.empty(); }
  [[nodiscard]] bool contains(Kind kind) const;
  void add(const KindSet& other);
  void add(Kind kind) { ranges_.emplace_back(kind, kind); }

 private:
  std::vector<std::pair<Kind, Kind>> ranges_;  // first and last
};

}  // namespace nostr
