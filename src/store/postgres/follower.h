#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/fetched/batches.h"
#include "store/postgres/link.h"
#include "store/postgres/stored_rows.h"
#include "store/store.h"

namespace store::postgres {

using fetched::BatchPtr;
using fetched::News;

/// A commit by its number and its token: another commit under the same number means that history was changed.
struct Mark {
  Seq last = 0;
  std::string token{};
  friend bool operator==(const Mark&, const Mark&) = default;
};

/// In columns `column` (last) and the next (token).
[[nodiscard]] Mark mark_in(Result& result, std::size_t row, int column);

/// Reads the commits behind a mark. Numbers are given under a lock that is held until the commit, so whoever sees one sees
/// all before it, and nothing can come in between later.
///
/// Of one thread at a time; outlived by the link.
class Follower {
 public:
  explicit Follower(Link& link);

  [[nodiscard]] const Mark& mark() const { return mark_; }
  /// What lies before is known, or of no interest.
  void set_mark(Mark mark) { mark_ = std::move(mark); }

  /// Moves the mark on to `up_to`, a commit that is known to exist, or, without it, a good deal further.
  /// After an error the mark is where it was.
  [[nodiscard]] boost::asio::awaitable<std::expected<News, StoreError>> follow(
      std::optional<Mark> up_to, Deadline deadline);

 private:
  struct Page;

  [[nodiscard]] boost::asio::awaitable<std::expected<News, StoreError>> skip(
      std::optional<Mark> up_to, Deadline deadline);
  [[nodiscard]] boost::asio::awaitable<std::expected<Page, StoreError>> read_page(
      const Mark& behind, Seq up_to, Deadline deadline);
  [[nodiscard]] boost::asio::awaitable<std::expected<void, StoreError>> add_events(
      Page& page, const Mark& behind, Deadline deadline);

  Link& link_;
  nostr::MessageParser parser_;
  Mark mark_;
};

}  // namespace store::postgres
