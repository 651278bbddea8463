#include "fake_firestore/transactions.h"

#include <gtest/gtest.h>

#include "unit/fake_firestore/make.h"

namespace fake_firestore {
namespace {

struct Transacted : testing::Test {
  Documents documents{};
  Transactions transactions{};

  /// A transaction that has read "a".
  std::string begun(const v1::TransactionOptions& options = {}) {
    const std::string id = transactions.begin(options, documents.tick());
    (*transactions.find(id))->documents.insert(name_of("a"));
    return id;
  }

  Code outcome(const std::string& id) {
    const auto result = transactions.commit(id, documents, true);
    return result ? Code::ok : result.error().code;
  }
};

TEST_F(Transacted, ACommitBetweenReadAndWriteAborts) {
  const std::string id = begun();
  commit(documents, set("a", integer(1)));
  EXPECT_EQ(outcome(id), Code::aborted);
}

TEST_F(Transacted, WhatWasNotReadMayChange) {
  const std::string id = begun();
  commit(documents, set("b", integer(1)));
  EXPECT_EQ(outcome(id), Code::ok);
}

TEST_F(Transacted, AQueryThatWouldFindMoreAborts) {
  v1::StructuredQuery wanted;
  wanted.add_from()->set_collection_id("c");
  const std::string id = transactions.begin({}, documents.tick());
  (*transactions.find(id))->queries.push_back(*Query::make(root, wanted));
  commit(documents, set("new", integer(1)));
  EXPECT_EQ(outcome(id), Code::aborted);
}

TEST_F(Transacted, EachEndsOnce) {
  const std::string id = begun();
  EXPECT_EQ(outcome(id), Code::ok);
  EXPECT_EQ(outcome(id), Code::invalid_argument);
  EXPECT_FALSE(transactions.rollback(id));
  EXPECT_EQ(outcome("never begun"), Code::invalid_argument);
}

TEST_F(Transacted, AReadOnlyOneCannotWrite) {
  v1::TransactionOptions options;
  options.mutable_read_only();
  EXPECT_EQ(outcome(begun(options)), Code::invalid_argument);
}

}  // namespace
}  // namespace fake_firestore
