#include "app/probes.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>

namespace app {
namespace {

using Fault = relay::StoreHealth::Fault;

boost::asio::awaitable<relay::HttpResponse> alive(relay::HttpRequest) {
  co_return relay::HttpResponse{.body = R"({"status":"alive"})"};
}

/// Of whoever may ask, so without path or file.
std::string_view remedy_of(Fault fault) {
  switch (fault) {
    case Fault::full:
      return "the store is full and refuses events; free disk space or move it to a larger disk";
    case Fault::corrupt:
      return "the store is damaged and refuses events; stop the relay and restore a backup";
    case Fault::unknown_outcome:
      return "a write to the store failed half-way; look at the disk, then restart the relay";
    case Fault::unavailable:
      break;
  }
  return "the store refuses events; the log says why";
}

/// Neither text needs an escape.
relay::HttpResponse not_ready(std::string_view check, std::string_view message) {
  return {.status = 503,
          .body = fmt::format(R"({{"status":"{}","message":"{}"}})", check, message),
          .headers = {{"Retry-After", "10"}}};
}

}  // namespace

std::vector<relay::HttpRoute> probe_routes(std::shared_ptr<const std::atomic<bool>> draining,
                                           std::shared_ptr<const relay::StoreHealth> store) {
  auto ready = [draining = std::move(draining), store = std::move(store)](
                   relay::HttpRequest) -> boost::asio::awaitable<relay::HttpResponse> {
    if (*draining)
      co_return not_ready("draining", "the relay is stopping; clients go to another one");
    if (const auto fault = store->fault())
      co_return not_ready("store_not_writable", remedy_of(*fault));
    co_return relay::HttpResponse{.body = R"({"status":"ready"})"};
  };
  return {{"GET", "/livez", alive}, {"GET", "/readyz", std::move(ready)}};
}

}  // namespace app
