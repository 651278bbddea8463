#pragma once
#include <string>

#include "store/postgres/stored_rows.h"
#include "store/sha256.h"
#include "store/store.h"

namespace store::postgres {

/// One page, read in steps: each looks at some entries of one index, in query order, and leaves out what the request does;
/// a step that finds too little is followed by a longer one.
///
/// Of one thread at a time; outlived by what it is given.
class PageReader {
 public:
  PageReader(const PageRequest& request, nostr::MessageParser& parser, Sha256& sha256);

  /// The page is as full as it may be, or nothing is left.
  [[nodiscard]] bool done() const { return done_; }
  /// REQUIRES: not done().
  [[nodiscard]] Call next_call() const;
  /// The answer to next_call(). False when something stored is damaged.
  [[nodiscard]] bool take(Result& result);
  [[nodiscard]] Page take_page() { return std::move(page_); }

 private:
  /// False: damaged. Ends the page when it is full.
  [[nodiscard]] bool take_entry(Result& result, std::size_t row);
  void end_at(std::string_view place);

  const PageRequest& request_;
  nostr::MessageParser& parser_;
  const char* sql_ = nullptr;
  Params ranges_;
  std::string reached_;  // the place of the last entry that was looked at
  std::size_t range_count_ = 1;
  std::size_t step_;  // how many entries the next call looks at,
  std::size_t each_;  // and how many of each range
  std::size_t scanned_ = 0;
  std::size_t bytes_ = 0;
  bool done_ = false;
  std::optional<Seq> snapshot_;
  Page page_;
};

}  // namespace store::postgres
