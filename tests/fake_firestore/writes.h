#pragma once
#include <string_view>

#include "fake_firestore/documents.h"
#include "fake_firestore/failure.h"
#include "google/firestore/v1/write.pb.h"

namespace fake_firestore {

/// The name of the document that a write is about.
[[nodiscard]] const std::string& target_of(const v1::Write& write);

/// What one request writes at one time: the documents as they are, with its own changes over them.
class Pending {
 public:
  Pending(const Documents& documents, Micros now) : documents_(documents), now_(now) {}

  /// Precondition, mask, transforms and limits as Firestore has them. A refused write changes
  /// nothing. One that leaves everything as it was changes nothing either, the document's
  /// update_time included.
  [[nodiscard]] Result<v1::WriteResult> apply(const v1::Write& write);

  [[nodiscard]] Document find(std::string_view name) const;
  [[nodiscard]] Micros now() const { return now_; }
  [[nodiscard]] Changes take() && { return std::move(changes_); }

 private:
  [[nodiscard]] Result<v1::WriteResult> replace(const v1::Write& write, const Document& before);

  const Documents& documents_;
  Micros now_;
  Changes changes_;
};

}  // namespace fake_firestore
