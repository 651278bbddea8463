#pragma once
#include "store/postgres/connection.h"
#include "store/store_error.h"

namespace store::postgres {

/// What a failure means to who asked the store. Says the remedy where there is one.
[[nodiscard]] StoreError error_of(const Failure& failure);

/// Another try, on another connection, may go better.
[[nodiscard]] bool is_passing(const Failure& failure);

/// A value in the database that cannot be read.
[[nodiscard]] StoreError damaged(std::string_view what);

}  // namespace store::postgres
