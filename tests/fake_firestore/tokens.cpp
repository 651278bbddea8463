#include "fake_firestore/tokens.h"

#include <fmt/format.h>

#include <charconv>

namespace fake_firestore {

namespace {

/// Nothing if that is not all of the text.
std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string Tokens::of(Micros time) const { return fmt::format("{}@{}", time, generation_); }

Result<std::optional<Micros>> Tokens::time_of(const std::string& token) const {
  const auto at = token.find('@');
  if (at == token.npos) return invalid("not a resume token");
  const auto time = number_in(std::string_view(token).substr(0, at));
  const auto generation = number_in(std::string_view(token).substr(at + 1));
  if (!time || !generation) return invalid("not a resume token");
  return *generation == generation_ ? time : std::nullopt;
}

}  // namespace fake_firestore
