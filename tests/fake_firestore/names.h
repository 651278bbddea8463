#pragma once
#include <string>
#include <string_view>

#include "fake_firestore/failure.h"

// Names of documents: projects/P/databases/D/documents/COLLECTION/ID[/COLLECTION/ID…]. Pure.
namespace fake_firestore {

/// Refuses what Firestore refuses:
/// https://firebase.google.com/docs/firestore/quotas#collections_documents_and_fields
[[nodiscard]] Result<void> check_name(std::string_view document);

/// The collection that the document lies in: "events" of "…/documents/events/1".
[[nodiscard]] std::string_view collection_of(std::string_view document);

/// What follows "<parent>/", "" if the document does not lie below it.
[[nodiscard]] std::string_view below(std::string_view parent, std::string_view document);

}  // namespace fake_firestore
