#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace fake_firestore {

/// google.rpc.Code.
enum class Code : std::uint8_t {
  ok,
  cancelled,
  unknown,
  invalid_argument,
  deadline_exceeded,
  not_found,
  already_exists,
  permission_denied,
  resource_exhausted,
  failed_precondition,
  aborted,
  out_of_range,
  unimplemented,
  internal,
  unavailable,
  data_loss,
  unauthenticated,
};

/// By its name in google.rpc, as in "ABORTED".
[[nodiscard]] std::optional<Code> code_of(std::string_view name);

struct Failure {
  Code code;
  std::string message;
};

template <class T>
using Result = std::expected<T, Failure>;

[[nodiscard]] inline std::unexpected<Failure> invalid(std::string message) {
  return std::unexpected(Failure{Code::invalid_argument, std::move(message)});
}

}  // namespace fake_firestore
