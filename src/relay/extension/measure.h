#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace relay {

/// A figure of an extension, or of the relay, as it is when it is asked for: what metrics show besides what they count
/// themselves. Names as Prometheus wants them; labels are few and bounded, and never hold a key, a group id or an
/// address.
struct Measure {
  enum class Type : std::uint8_t { counter, gauge };

  std::string name;
  std::string help;  ///< one sentence, with unit
  Type type = Type::gauge;
  double value = 0;
  std::vector<std::pair<std::string, std::string>> labels{};
};

using Measures = std::vector<Measure>;

}  // namespace relay
