#include "net/router.h"

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>

namespace net {
namespace {

boost::asio::awaitable<relay::HttpResponse> nothing(relay::HttpRequest) {
  co_return relay::HttpResponse{};
}

Router router() {
  return Router({{"GET", "/", nothing}, {"POST", "/", nothing}, {"PUT", "/put", nothing}});
}

TEST(Router, FindsExactMethodAndPath) {
  const auto routes = router();
  EXPECT_TRUE(routes.find("GET", "/").handler);
  EXPECT_TRUE(routes.find("POST", "/").handler);
  EXPECT_FALSE(routes.find("get", "/").handler);
}

TEST(Router, GetRouteAnswersHead) { EXPECT_TRUE(router().find("HEAD", "/").handler); }

TEST(Router, WrongMethodNamesTheAllowedOnes) {
  const auto match = router().find("DELETE", "/");
  EXPECT_FALSE(match.handler);
  EXPECT_EQ(match.allow, "GET, HEAD, POST");
  EXPECT_EQ(router().find("GET", "/put").allow, "PUT");
}

TEST(Router, UnknownPathAllowsNothing) {
  const auto match = router().find("GET", "/put/");
  EXPECT_FALSE(match.handler);
  EXPECT_EQ(match.allow, "");
}

}  // namespace
}  // namespace net
