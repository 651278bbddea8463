#pragma once
#include <boost/asio/awaitable.hpp>
#include <expected>
#include <string>
#include <string_view>

#include "extensions/management/call.h"
#include "extensions/management/changes.h"
#include "relay/extension/operations.h"
#include "store/rows.h"

namespace extensions::management {

/// Why a call failed.
struct Refused {
  int status;             ///< of HTTP
  std::string_view code;  ///< a word for programs; static text
  std::string text;       ///< what is wrong and what would do
};

/// The result as JSON.
using Answer = std::expected<std::string, Refused>;

/// The methods of NIP-86. Reads the lists from the rows and changes them by operations; whether the caller may is asked
/// before. Holds no state; `rows` and `operations` outlive it.
class Desk {
 public:
  Desk(store::RowReader& rows, relay::Operations& operations)
      : rows_(rows), operations_(operations) {}

  /// A change is durable, and every worker knows of it, when it is answered.
  [[nodiscard]] boost::asio::awaitable<Answer> answer(Call call, Bounds bounds);

 private:
  [[nodiscard]] boost::asio::awaitable<Answer> change(store::OperationPtr operation);
  [[nodiscard]] boost::asio::awaitable<Answer> entries_of(List list);

  store::RowReader& rows_;
  relay::Operations& operations_;
};

/// The method as a word that may stand in a log, whatever a caller wrote.
[[nodiscard]] std::string_view known_name(std::string_view method);

}  // namespace extensions::management
