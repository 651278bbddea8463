#pragma once
#include <boost/asio/steady_timer.hpp>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "store/stager.h"

namespace relay {

/// The meeting point of a coroutine that waits for an operation and the message that ends it. Touched by its worker's
/// thread alone; others only pass it on.
struct Errand {
  explicit Errand(boost::asio::io_context& context)
      : done(context, boost::asio::steady_timer::time_point::max()) {}

  boost::asio::steady_timer done;  ///< cancelled when `outcome` is there
  std::optional<std::expected<std::vector<store::StoredEvent>, std::string>> outcome;
};

}  // namespace relay
