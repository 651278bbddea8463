#include "nostr/json_reader.h"

#include <charconv>
#include <limits>

namespace nostr::json {

std::unexpected<Fault> bad_shape(std::string reason) {
  return std::unexpected(Fault{Fault::Kind::shape, std::move(reason)});
}

std::unexpected<Fault> fault_of(simdjson::error_code error, std::string_view wanted) {
  switch (error) {
    case simdjson::INCORRECT_TYPE:
    case simdjson::NUMBER_ERROR:
    case simdjson::NUMBER_OUT_OF_RANGE:
    case simdjson::STRING_ERROR:
      return bad_shape(std::string(wanted));
    default:
      return std::unexpected(Fault{Fault::Kind::syntax, "the message is not valid JSON"});
  }
}

Result<std::string_view> read_string(ondemand::value value, std::string_view wanted) {
  std::string_view text;
  if (const auto error = value.get_string().get(text)) return fault_of(error, wanted);
  return text;
}

Result<std::int64_t> read_integer(ondemand::value value, std::string_view wanted) {
  std::string_view token = value.raw_json_token();  // runs up to the next token, spaces included
  token = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
  const std::string_view digits = token.starts_with('-') ? token.substr(1) : token;
  if (digits.size() > 1 && digits.starts_with('0')) return bad_shape(std::string(wanted));

  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), number);
  if (error == std::errc::invalid_argument || end != token.data() + token.size())
    return bad_shape(std::string(wanted));
  using Bounds = std::numeric_limits<std::int64_t>;
  if (error == std::errc::result_out_of_range)
    return token.starts_with('-') ? Bounds::min() : Bounds::max();
  return number;
}

std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
  while (max_bytes > 0 && continues(text[max_bytes])) --max_bytes;
  return text.substr(0, max_bytes);
}

Result<std::optional<ondemand::value>> Items::next() {
  if (started_) ++next_;
  started_ = true;
  if (!(next_ != array_.end())) return std::nullopt;
  ondemand::value value;
  if (const auto error = (*next_).get(value)) return fault_of(error, "the message is broken");
  return value;
}

}  // namespace nostr::json
