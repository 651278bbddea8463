#pragma once
#include <boost/asio/awaitable.hpp>
#include <expected>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/fetched/facts.h"
#include "store/firestore/client.h"
#include "store/firestore/documents.h"
#include "store/store_error.h"

namespace store::firestore {

/// Fetches what a commit needs to know: as it is now, each fact read after the call began, not all at one time.
///
/// Of one thread at a time; outlived by what it is given by reference.
class FactReader {
 public:
  FactReader(const Client& client, const Names& names, nostr::MessageParser& parser, Sha256& sha256)
      : client_(client), names_(names), parser_(parser), sha256_(sha256) {}

  using Found = std::unordered_map<std::string, v1::Document>;
  /// Adds what `needs` asks for, but for requests to vanish (tell_vanishing()), and says which of the documents `also`, by
  /// relative names, are there: all these as of one time.
  [[nodiscard]] boost::asio::awaitable<std::expected<Found, StoreError>> read(
      const fetched::Needs& needs, std::vector<std::string> also, fetched::Facts& facts,
      Deadline deadline);

 private:
  using Done = std::expected<void, StoreError>;
  using Work = boost::asio::awaitable<Done>;

  [[nodiscard]] Work read_named(std::vector<std::string> names, Found& found, Deadline deadline);
  [[nodiscard]] Work read_occupants(std::vector<std::string> addresses, fetched::Facts& facts,
                                    Deadline deadline);
  [[nodiscard]] Work read_prefix(std::string prefix, fetched::Facts& facts, Deadline deadline);
  [[nodiscard]] Work read_expired_events(fetched::DueNeed due, fetched::Facts& facts,
                                         Deadline deadline);
  [[nodiscard]] Work read_expired_rows(fetched::DueNeed due, fetched::Facts& facts,
                                       Deadline deadline);
  [[nodiscard]] Work read_left(fetched::LeftKey key, std::size_t count, fetched::Facts& facts,
                               Deadline deadline);
  [[nodiscard]] boost::asio::awaitable<std::expected<std::vector<StoredEvent>, StoreError>>
  read_events(v1::StructuredQuery query, Deadline deadline);
  [[nodiscard]] Done take_named(const fetched::Needs& needs, const Found& found,
                                fetched::Facts& facts);

  const Client& client_;
  const Names& names_;
  nostr::MessageParser& parser_;
  Sha256& sha256_;
};

/// Answers what `needs` asks of requests to vanish: the newest commit knows them all.
void tell_vanishing(const fetched::Needs& needs, const Commit& newest, fetched::Facts& facts);

}  // namespace store::firestore
