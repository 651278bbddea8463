#pragma once
#include <compare>
#include <optional>
#include <string>
#include <vector>

#include "fake_firestore/documents.h"
#include "fake_firestore/failure.h"
#include "google/firestore/v1/query.pb.h"

namespace fake_firestore {

/// A StructuredQuery that was found valid. A value; thread-safe.
class Query {
 public:
  /// `parent`: the document, or ".../documents", that the collection is looked for below.
  [[nodiscard]] static Result<Query> make(std::string parent, v1::StructuredQuery wanted);

  /// All but offset and limit.
  [[nodiscard]] bool matches(const v1::Document& document) const {
    return key_of(document).has_value();
  }

  /// In order, with offset and limit.
  [[nodiscard]] std::vector<Document> run(const Documents& documents, Micros at) const;

  /// With the fields that were selected.
  [[nodiscard]] v1::Document shown(const v1::Document& document) const;

  /// Does what it finds depend on more than one document at a time?
  [[nodiscard]] bool has_window() const { return wanted_.has_limit() || wanted_.offset() > 0; }
  [[nodiscard]] int offset() const { return wanted_.offset(); }

 private:
  struct Order {
    std::string field;
    bool descending = false;
  };

  Query(std::string parent, v1::StructuredQuery wanted);
  [[nodiscard]] static std::vector<Order> order_of(const v1::StructuredQuery& wanted);
  [[nodiscard]] Result<void> check() const;
  [[nodiscard]] bool lies_in_range(const v1::Cursor& cursor) const;

  /// What it is ordered by; nothing: it does not match.
  using Key = std::vector<v1::Value>;
  [[nodiscard]] std::optional<Key> key_of(const v1::Document& document) const;
  [[nodiscard]] bool lies_in_collection(const std::string& name) const;
  [[nodiscard]] bool between_cursors(const Key& key) const;
  /// Of the key, seen from the cursor.
  [[nodiscard]] std::weak_ordering compare_to(const v1::Cursor& cursor, const Key& key) const;
  [[nodiscard]] bool comes_before(const Key& left, const Key& right) const;

  std::string parent_;
  v1::StructuredQuery wanted_;
  std::vector<Order> order_;  // ends with __name__: total
};

}  // namespace fake_firestore
