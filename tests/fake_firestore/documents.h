#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "google/firestore/v1/document.pb.h"

namespace fake_firestore {

namespace v1 = google::firestore::v1;

/// Microseconds since 1970, Firestore's resolution. No two commits have the same: a time is also a
/// version.
using Micros = std::int64_t;

[[nodiscard]] google::protobuf::Timestamp timestamp_of(Micros time);
[[nodiscard]] Micros micros_of(const google::protobuf::Timestamp& time);

/// One version; never changed. Null: not there. The same pointer is the same version.
using Document = std::shared_ptr<const v1::Document>;
/// By name.
using Changes = std::map<std::string, Document, std::less<>>;

/// All documents, in all their versions of late: any commit can be looked back at until `history`
/// changes have come after it. Not thread-safe.
class Documents {
 public:
  explicit Documents(std::size_t history = 200'000) : history_(history) {}

  /// Now, by the machine's clock, but later than whatever it returned before.
  [[nodiscard]] Micros tick();

  /// `at`: of tick().
  void commit(Changes changes, Micros at);
  /// Time of the last commit.
  [[nodiscard]] Micros newest() const { return newest_; }
  /// What was before that time is no longer known.
  [[nodiscard]] Micros oldest() const { return oldest_; }

  [[nodiscard]] Document find(std::string_view name, Micros at) const;
  /// Those whose names begin with `prefix`, by bytes of their names.
  [[nodiscard]] std::vector<Document> starting_with(std::string_view prefix, Micros at) const;
  /// Names of what commits changed later than `after` and not later than `until`.
  [[nodiscard]] std::set<std::string> changed(Micros after, Micros until) const;

 private:
  struct Version {
    Micros at = 0;
    Document document;
  };
  using Versions = std::deque<Version>;  // oldest first

  [[nodiscard]] static Document version(const Versions& versions, Micros at);
  void forget_oldest();

  std::size_t history_;
  std::map<std::string, Versions, std::less<>> versions_;
  std::deque<std::pair<Micros, std::string>> log_;  // oldest first
  Micros last_tick_ = 0;
  Micros newest_ = 0;
  Micros oldest_ = 0;
};

}  // namespace fake_firestore
