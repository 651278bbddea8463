#include "app/probes.h"

namespace app {
namespace {

boost::asio::awaitable<relay::HttpResponse> alive(relay::HttpRequest) {
  co_return relay::HttpResponse{.body = R"({"status":"alive"})"};
}

relay::HttpHandler ready(std::shared_ptr<const std::atomic<bool>> draining) {
  return [draining = std::move(draining)](
             relay::HttpRequest) -> boost::asio::awaitable<relay::HttpResponse> {
    relay::HttpResponse response{.body = R"({"status":"ready"})"};
    if (*draining) {
      response.status = 503;
      response.body = R"({"status":"draining"})";
      response.headers.emplace_back("Retry-After", "10");
    }
    co_return response;
  };
}

}  // namespace

std::vector<relay::HttpRoute> probe_routes(std::shared_ptr<const std::atomic<bool>> draining) {
  return {{"GET", "/livez", alive}, {"GET", "/readyz", ready(std::move(draining))}};
}

}  // namespace app
