#include <utility>

#include "app/logger.h"
#include "app/manage.h"
#include "app/parts.h"
#include "app/store_access.h"
#include "app/wait_for.h"
#include "extensions/management/desk.h"
#include "relay/staging.h"

namespace app {
namespace {

namespace management = extensions::management;

/// Operations on a store, in the turn of this thread.
class StoreOperations final : public relay::Operations {
 public:
  StoreOperations(store::Store& store, const store::Stager& stager)
      : store_(store), stager_(stager) {}

  boost::asio::awaitable<std::expected<std::vector<store::StoredEvent>, std::string>> perform(
      store::OperationPtr operation) override {
    auto performed = co_await store_.perform(*operation, base::system_now(), stager_);
    if (!performed) co_return std::unexpected("error: " + performed.error().message);
    if (!performed->outcome)
      co_return std::unexpected(std::move(performed->outcome.error().reason));
    co_return *std::move(performed->outcome);
  }

 private:
  store::Store& store_;
  const store::Stager& stager_;
};

}  // namespace

OfflineAnswer manage_offline(const std::string& config_path, const std::string& call) {
  Settings settings;
  if (!load(settings, config_path)) return {failed, "the configuration cannot be used"};
  auto parsed = management::parse_call(call);
  if (!parsed) return {partly, std::move(parsed.error())};
  const auto store = open_lasting(settings.core);
  if (!store) return {failed, store.error()};
  const relay::Staging staging(Parts(settings, make_log(settings.core.log)).all());
  StoreOperations operations(**store, staging);
  management::Desk desk(**store, operations);
  const management::Bounds bounds{static_cast<std::size_t>(settings.management.max_entries)};
  auto answer = wait_for(desk.answer(*std::move(parsed), bounds));
  if (answer) return {done, *std::move(answer)};
  return {answer.error().status == 503 ? failed : partly, std::move(answer.error().text)};
}

}  // namespace app
