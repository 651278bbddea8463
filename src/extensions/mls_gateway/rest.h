#pragma once
// The REST API below `api_prefix`. openapi.json lists them; each subject has its file rest_*.
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "extensions/mls_gateway/acl_members.h"
#include "extensions/mls_gateway/config.h"
#include "extensions/mls_gateway/event_budgets.h"
#include "relay/extension/http_visits.h"
#include "relay/extension/operations.h"
#include "store/rows.h"

namespace extensions::mls_gateway {

/// What the calls of one worker work with; all of it outlives the routes.
struct RestParts {
  const std::shared_ptr<const Config>& config;  ///< the one in force at the time
  store::RowReader& rows;
  relay::Operations& operations;
  EventBudgets& budgets;
  AclMembers* acl;  ///< null unless membership = "acl"
  relay::HttpVisits& visits;
  boost::asio::any_io_executor executor;
  std::function<bool(const nostr::PublicKey& owner)> may_give;  ///< as WorkerServices::may_give
};

using RestAnswer = boost::asio::awaitable<relay::HttpResponse>;

/// Every call knows who makes it before it looks at anything, ends within a deadline, and answers errors as
/// `{"error","code"}`.
[[nodiscard]] std::vector<relay::HttpRoute> rest_routes(const RestParts& parts);

}  // namespace extensions::mls_gateway
