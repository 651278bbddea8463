#include "store/postgres/errors.h"

#include <fmt/format.h>

namespace store::postgres {
namespace {

bool in_class(const Failure& failure, std::string_view prefix) {
  return failure.sqlstate.starts_with(prefix);
}

// PostgreSQL 15, appendix A.
constexpr std::string_view rolled_back = "40", no_resources = "53", disk_full = "53100",
                           no_lock = "55P03", shut_down = "57P0", cancelled = "57014",
                           read_only = "25006", connection = "08", damage = "XX00",
                           idle_too_long = "25P0";

}  // namespace

StoreError error_of(const Failure& failure) {
  if (failure.sqlstate == disk_full) {
    return {StoreError::Code::full,
            fmt::format("{}; give the database more disk", failure.message)};
  }
  if (in_class(failure, damage) && failure.sqlstate != "XX000")
    return {StoreError::Code::corrupt, failure.message};
  return {StoreError::Code::unavailable, failure.message};
}

bool is_passing(const Failure& failure) {
  if (failure.fault != Fault::refused) return true;
  for (const auto prefix : {rolled_back, no_resources, no_lock, shut_down, cancelled, read_only,
                            connection, idle_too_long}) {
    if (in_class(failure, prefix)) return failure.sqlstate != disk_full;
  }
  return false;
}

}  // namespace store::postgres
