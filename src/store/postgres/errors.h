#pragma once
#include "store/fetched/damaged.h"
#include "store/postgres/connection.h"
#include "store/store_error.h"

namespace store::postgres {

/// What a failure means to who asked the store. Says the remedy where there is one.
[[nodiscard]] StoreError error_of(const Failure& failure);

/// Another try, on another connection, may go better.
[[nodiscard]] bool is_passing(const Failure& failure);

using fetched::damaged;

}  // namespace store::postgres
