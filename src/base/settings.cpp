#include "base/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace base {

Setting::Check in_range(const std::int64_t& value, std::int64_t low, std::int64_t high) {
  return [&value, low, high]() -> std::optional<std::string> {
    if (value >= low && value <= high) return std::nullopt;
    return fmt::format("{} is out of range; use a number from {} to {}", value, low, high);
  };
}

Setting::Check one_of(const std::string& value, std::vector<std::string> allowed) {
  return [&value, allowed = std::move(allowed)]() -> std::optional<std::string> {
    if (std::ranges::find(allowed, value) != allowed.end()) return std::nullopt;
    return fmt::format("\"{}\" is not known; use one of \"{}\"", value,
                       fmt::join(allowed, "\", \""));
  };
}

Setting::Check each(const std::vector<std::string>& list,
                    std::function<std::optional<std::string>(const std::string&)> check) {
  return [&list, check = std::move(check)]() -> std::optional<std::string> {
    for (std::size_t i = 0; i < list.size(); ++i)
      if (const auto problem = check(list[i]))
        return fmt::format("entry {} of {}: {}", i + 1, list.size(), *problem);
    return std::nullopt;
  };
}

}  // namespace base
