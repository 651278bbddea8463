#include "relay/extension/http_refusal.h"

#include <gmock/gmock.h>

using relay::http_refusal;
using testing::HasSubstr;

namespace {

std::string retry_after(const relay::HttpResponse& response) {
  for (const auto& [name, value] : response.headers)
    if (name == "Retry-After") return value;
  return "";
}

}  // namespace

TEST(HttpRefusal, StatusAndCodeComeFromThePrefixAndTheTextFollows) {
  const std::vector<std::tuple<std::string, int, std::string>> expected = {
      {"auth-required: prove it", 401, "unauthorized"},
      {"restricted: not you", 403, "restricted"},
      {"blocked: never", 403, "blocked"},
      {"invalid: no", 400, "bad_request"},
      {"rate-limited: slower", 429, "rate_limited"},
      {"error: oh", 503, "unavailable"},
      {"something else", 503, "unavailable"},
  };
  for (const auto& [reason, status, code] : expected) {
    const auto response = http_refusal(reason);
    EXPECT_EQ(response.status, status) << reason;
    EXPECT_THAT(response.body, HasSubstr("\"code\":\"" + code + "\""));
    EXPECT_EQ(retry_after(response).empty(), status != 429 && status != 503) << reason;
  }
  EXPECT_EQ(http_refusal("restricted: not \"you\"").body,
            R"({"error":"not \"you\"","code":"restricted"})");
}

TEST(HttpRefusal, TheSecondsToWaitAreThoseOfTheText) {
  EXPECT_EQ(retry_after(http_refusal("rate-limited: too much; wait 37 seconds")), "37");
  EXPECT_EQ(retry_after(http_refusal("rate-limited: try again in 5 s")), "5");
  EXPECT_EQ(retry_after(http_refusal("rate-limited: of 500 connections too many")), "10");
  EXPECT_EQ(retry_after(http_refusal("rate-limited: wait 99999999999999999999999 seconds")), "10");
  EXPECT_EQ(retry_after(http_refusal("rate-limited: wait 0 seconds")), "1");
}
