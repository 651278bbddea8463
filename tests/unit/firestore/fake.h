#pragma once
// The fake database as the store's pure parts use it, without gRPC, and events whose ids are
// spread.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "fake_firestore/database.h"
#include "store/firestore/documents.h"
#include "store/stored_json.h"
#include "support/event_builder.h"

namespace test {

namespace v1 = google::firestore::v1;

/// Numbers in no order, so that ids differ in their first byte and fall into all shards.
inline std::uint64_t spread(std::uint64_t number) { return number * 0x9e37'79b9'7f4a'7c15; }

inline store::StoredEvent stored(const EventBuilder& event, store::Seq seq,
                                 std::optional<base::UnixSeconds> expires_at = std::nullopt) {
  store::StoredEvent stored;
  stored.event = event.build();
  stored.seq = seq;
  stored.expires_at = expires_at;
  return stored;
}

class FakeDatabase {
 public:
  const store::firestore::Names names{"p", "(default)"};
  store::Sha256 sha256;
  nostr::MessageParser parser{store::limits_of_stored_events()};

  void commit(const std::vector<v1::Write>& writes) {
    v1::CommitRequest request;
    request.set_database(names.database());
    for (const v1::Write& write : writes) *request.add_writes() = write;
    if (auto done = database_.commit(request); !done)
      throw std::runtime_error(done.error().message);
  }
  void put(const store::StoredEvent& stored) {
    commit({store::firestore::put(store::firestore::event_document(names, stored, sha256))});
  }

  std::vector<v1::Document> query(const v1::StructuredQuery& query) {
    v1::RunQueryRequest request;
    request.set_parent(names.root());
    *request.mutable_structured_query() = query;
    const auto responses = database_.query(request);
    if (!responses) throw std::runtime_error(responses.error().message);
    return documents_in(*responses, &v1::RunQueryResponse::has_document,
                        &v1::RunQueryResponse::document);
  }
  std::vector<v1::Document> get(const std::vector<std::string>& relative) {
    v1::BatchGetDocumentsRequest request;
    for (const std::string& name : relative) request.add_documents(names.full(name));
    const auto responses = database_.batch_get(request);
    if (!responses) throw std::runtime_error(responses.error().message);
    return documents_in(*responses, &v1::BatchGetDocumentsResponse::has_found,
                        &v1::BatchGetDocumentsResponse::found);
  }

  /// Since it was last asked.
  std::int64_t reads() {
    const std::int64_t reads = database_.counts().reads;
    database_.clear_counts();
    return reads;
  }

 private:
  template <typename Response>
  static std::vector<v1::Document> documents_in(const std::vector<Response>& responses,
                                                bool (Response::*has)() const,
                                                const v1::Document& (Response::*document)() const) {
    std::vector<v1::Document> documents;
    for (const Response& response : responses) {
      if ((response.*has)()) documents.push_back((response.*document)());
    }
    return documents;
  }

  fake_firestore::Database database_;
};

}  // namespace test
