#pragma once
// Everything of a database, out and in (Store::dump, Store::load).
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <expected>
#include <optional>
#include <string>

#include "nostr/client_message.h"
#include "store/firestore/check.h"
#include "store/firestore/pace.h"
#include "store/parcel.h"

namespace store::firestore {

/// While a copy into a database has not come to its end, its progress stands in slot 0 of the chain: what is there is of no
/// use.
[[nodiscard]] inline bool is_unfinished(const Commit& newest) {
  return newest.slot == 0 && !newest.token.empty();
}

/// The queries of one parcel, asked one after the other until it is done, all as of the time of `newest`. Used by one thread;
/// outlived by `names`.
class ParcelReader {
 public:
  /// `after`: Parcel::next of the one before.
  ParcelReader(const std::optional<std::string>& after, std::size_t max_bytes, CommitPtr newest,
               const Names& names);

  [[nodiscard]] bool done() const { return done_; }
  /// REQUIRES: not done().
  [[nodiscard]] v1::StructuredQuery next_query();
  /// False: damaged.
  [[nodiscard]] bool take(const std::vector<v1::Document>& found, nostr::MessageParser& parser);
  [[nodiscard]] Parcel take_parcel() { return std::move(parcel_); }

 private:
  /// Of everything. Requests to vanish need no query.
  enum Part : std::uint8_t { tombstones, vanishing, rows, events, end };

  /// From then on it is only asked whether anything is left.
  [[nodiscard]] bool is_full() const { return begun_ && bytes_ >= max_bytes_; }
  [[nodiscard]] bool take(const v1::Document& document, nostr::MessageParser& parser);
  [[nodiscard]] bool take_tombstone(const v1::Document& document);
  [[nodiscard]] bool take_row(const v1::Document& document);
  [[nodiscard]] bool take_event(const v1::Document& document, nostr::MessageParser& parser);
  void take_vanishing();
  void took(std::string place, std::size_t bytes);
  void leave_part();
  void end_here();

  const CommitPtr newest_;
  const Names& names_;
  const std::size_t max_bytes_;
  std::uint8_t part_ = tombstones;
  std::string behind_;  // the key in it
  std::string place_;   // of the last thing of the parcel
  std::size_t asked_ = 0;
  std::size_t bytes_ = 0;
  bool begun_ = false;
  bool done_ = false;
  Parcel parcel_;
};

/// Takes a parcel in, in commits as large as Firestore takes; the newest commit behind it.
[[nodiscard]] boost::asio::awaitable<std::expected<CommitPtr, StoreError>> load(
    const Client& client, const Names& names, const Checks& checks, Pace& pace,
    const Parcel& parcel, std::chrono::milliseconds timeout);

}  // namespace store::firestore
