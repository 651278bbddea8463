#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace store {

/// What is asked of a store; `rows` are those of extensions, read without a commit.
enum class Call : std::uint8_t { append, query, rows, operation, purge };
inline constexpr std::array<std::string_view, 5> call_names = {"append", "query", "rows",
                                                               "operation", "purge"};

/// Who wants to know how long a store takes. Called on the caller's thread, after each call; memory only.
class CallObserver {
 public:
  virtual ~CallObserver() = default;
  virtual void called(Call call, std::chrono::nanoseconds took) = 0;
};

}  // namespace store
