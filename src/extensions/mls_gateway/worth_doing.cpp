#include "extensions/mls_gateway/worth_doing.h"

#include "extensions/mls_gateway/fetched_rows.h"

namespace extensions::mls_gateway {

boost::asio::awaitable<std::expected<bool, std::string>> is_worth_doing(
    store::RowReader& rows, const store::Operation& operation, base::UnixSeconds now) {
  store::Reads reads;
  operation.reads(reads);
  const auto values = co_await rows.get_rows(reads.keys);
  if (!values)
    co_return std::unexpected("error: the relay could not look this up; try again later");
  auto expected = operation.run(FetchedRows(reads.keys, *values), now);
  if (!expected) co_return std::unexpected(std::move(expected.error().reason));
  co_return !expected->changes.empty() || !expected->picks.empty();
}

}  // namespace extensions::mls_gateway
