#pragma once
// Everything of a database, out and in (Store::dump, Store::load).
#include <boost/asio/awaitable.hpp>
#include <expected>
#include <optional>
#include <string>

#include "store/parcel.h"
#include "store/postgres/follower.h"

namespace store::postgres {

/// The calls of one dump, asked one after the other until the parcel is done. Used by one thread.
class ParcelReader {
 public:
  /// `after`: Parcel::next of the one before.
  ParcelReader(const std::optional<std::string>& after, std::size_t max_bytes);

  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] Call next_call() const;
  /// False: damaged.
  [[nodiscard]] bool take(Result& result, nostr::MessageParser& parser);
  [[nodiscard]] Parcel take_parcel() { return std::move(parcel_); }

 private:
  /// From then on it is only asked whether anything is left.
  [[nodiscard]] bool parcel_is_full() const { return !place_.empty(); }
  [[nodiscard]] bool take_thing(Result& result, std::size_t row, nostr::MessageParser& parser);

  std::size_t part_ = 0;  // of everything: tombstones, requests to vanish, rows, events
  std::string behind_;    // the key in it
  std::string place_;     // of the last thing of the parcel
  const std::size_t max_bytes_;
  bool done_ = false;
  Parcel parcel_;
};

/// Takes a parcel in, in a commit of its own; the mark of the newest commit behind it.
[[nodiscard]] boost::asio::awaitable<std::expected<Mark, StoreError>> load(Link& link,
                                                                           const Parcel& parcel,
                                                                           Deadline deadline);

/// Whether a copy has begun and not ended: what is there is of no use.
[[nodiscard]] Call ask_unfinished();

}  // namespace store::postgres
