#pragma once
// Rows of extensions: small key-value pairs that commit together with the event that caused them.
//
// Keys are bytes, at most 400 of them, and begin with the owner's name and '/' ("mls_gateway/…"), so that extensions
// cannot meet. Values are bytes; their layout is their owner's business.
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "store/store_error.h"

namespace store {

/// A position in the order in which this instance learns of commits; starts at 1, grows with every commit.
using Seq = std::uint64_t;

struct Row {
  std::string key, value;
};

/// nullopt erases the row.
struct RowChange {
  std::string key;
  std::optional<std::string> value;
  /// The row may be purged from then on; until it is, it is still there: what reads it looks at its times.
  std::optional<base::UnixSeconds> expires_at{};
};

/// Which rows a decision looks at.
struct Reads {
  std::vector<std::string> keys;  ///< fetched ahead, for a whole batch at once where that helps
  /// Any row below, by get() or scan(), looked up when it is asked for. Slow on a remote store: for rare decisions.
  std::vector<std::string> prefixes;

  void clear() {
    keys.clear();
    prefixes.clear();
  }
};

/// The rows that a decision declared (Reads), as the commit will see them.
class RowView {
 public:
  virtual ~RowView() = default;
  /// nullopt when there is no such row, and for a key that was not declared. Valid until the decision returns.
  [[nodiscard]] virtual std::optional<std::string_view> get(std::string_view key) const = 0;
  /// All rows whose key begins with `prefix`, in key order; none for a prefix that no declared one covers.
  [[nodiscard]] virtual std::vector<Row> scan(std::string_view prefix) const = 0;
};

struct RowPage {
  std::vector<Row> rows;  ///< in key order
  std::optional<std::string>
      next;          ///< pass as `after` for the next page; nullopt: this was the last
  Seq snapshot = 0;  ///< everything committed up to here is in it
};

/// Reads committed rows. Thread-safe.
class RowReader {
 public:
  virtual ~RowReader() = default;
  /// One value per key, in the order of `keys`.
  [[nodiscard]] virtual boost::asio::awaitable<
      std::expected<std::vector<std::optional<std::string>>, StoreError>>
  get_rows(std::vector<std::string> keys) = 0;
  /// Rows whose key begins with `prefix`, strictly after the key `after` when given; at most `max`.
  [[nodiscard]] virtual boost::asio::awaitable<std::expected<RowPage, StoreError>> scan_rows(
      std::string prefix, std::optional<std::string> after, std::size_t max) = 0;
};

}  // namespace store
