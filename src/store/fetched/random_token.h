#pragma once
#include <string>

namespace store::fetched {

/// 16 random bytes: they tell a commit from any other under its number.
[[nodiscard]] std::string random_token();

}  // namespace store::fetched
