#include "net/router.h"

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>

namespace net {
namespace {

boost::asio::awaitable<relay::HttpResponse> nothing(relay::HttpRequest) {
  co_return relay::HttpResponse{};
}

Router router() {
  return Router({{"GET", "/", nothing},
                 {"POST", "/", nothing},
                 {"PUT", "/put", nothing},
                 {"GET", "/groups/{id}/members", nothing},
                 {"DELETE", "/groups/{id}/members/{key}", nothing},
                 {"GET", "/groups/all/members", nothing}});
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

TEST(Router, NamedSegmentsStandForAnyOne) {
  const auto routes = router();
  EXPECT_EQ(routes.find("GET", "/groups/a%2Fb/members").segments,
            (std::vector<std::string>{"a/b"}));
  EXPECT_EQ(routes.find("DELETE", "/groups/x/members/y").segments,
            (std::vector<std::string>{"x", "y"}));
  EXPECT_TRUE(routes.find("GET", "/groups/all/members").segments.empty());
  EXPECT_EQ(routes.find("PUT", "/groups/x/members").allow, "GET, HEAD");
}

TEST(Router, NamedSegmentsAreNeverEmptyNorCutNorMore) {
  const auto routes = router();
  for (const auto* path :
       {"/groups//members", "/groups/x/members/", "/groups/x", "/groups/x/y", "/groups/%/members",
        "/groups/x/members/y/", "/groups/x/y/members", "groups/x/members"})
    EXPECT_FALSE(routes.find("GET", path).handler || routes.find("DELETE", path).handler) << path;
}

}  // namespace
}  // namespace net
