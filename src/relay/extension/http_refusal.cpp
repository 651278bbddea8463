#include "relay/extension/http_refusal.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace relay {
namespace {

struct Meaning {
  std::string_view prefix;
  int status;
  std::string_view code;
};

constexpr std::array<Meaning, 6> meanings = {{
    {"auth-required: ", 401, "unauthorized"},
    {"restricted: ", 403, "restricted"},
    {"blocked: ", 403, "blocked"},
    {"invalid: ", 400, "bad_request"},
    {"rate-limited: ", 429, "rate_limited"},
    {"error: ", 503, "unavailable"},
}};

/// "… wait 12 seconds", "… in 12 s".
base::UnixSeconds seconds_to_wait(std::string_view text) {
  constexpr base::UnixSeconds unknown_s = 10;
  const auto digit = text.find_first_of("0123456789");
  if (digit == text.npos) return unknown_s;
  base::UnixSeconds seconds = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + digit, end, seconds);
  const std::string_view unit(stop, static_cast<std::size_t>(end - stop));
  return error == std::errc{} && unit.starts_with(" s") ? seconds : unknown_s;
}

}  // namespace

HttpResponse http_error_for_now(int status, std::string_view code, std::string_view text,
                                base::UnixSeconds retry_after_s) {
  auto response = http_error(status, code, text);
  response.headers.emplace_back("Retry-After",
                                std::to_string(std::max<base::UnixSeconds>(1, retry_after_s)));
  return response;
}

HttpResponse http_refusal(std::string_view reason) {
  const auto* meaning = std::ranges::find_if(
      meanings, [&](const Meaning& each) { return reason.starts_with(each.prefix); });
  if (meaning == meanings.end())
    meaning = &meanings.back();
  else
    reason.remove_prefix(meaning->prefix.size());
  if (meaning->status == 429 || meaning->status == 503)
    return http_error_for_now(meaning->status, meaning->code, reason, seconds_to_wait(reason));
  return http_error(meaning->status, meaning->code, reason);
}

}  // namespace relay
