#include "store/firestore/failure.h"

#include <gmock/gmock.h>

#include <set>

#include "store/firestore/credentials.h"
#include "store/firestore/retry.h"
#include "unit/firestore/on_fake.h"

namespace {

using namespace test;
using store::StoreError;
using store::firestore::Failure;
using store::firestore::failure_of;
using store::firestore::Retry;
using testing::HasSubstr;
using testing::Not;

constexpr int codes = 17;
Failure of(StatusCode code) { return {.code = code, .message = "why"}; }

TEST(FirestoreFailure, SomePass) {
  const std::set<StatusCode> passing{StatusCode::ABORTED,     StatusCode::CANCELLED,
                                     StatusCode::INTERNAL,    StatusCode::DEADLINE_EXCEEDED,
                                     StatusCode::UNAVAILABLE, StatusCode::RESOURCE_EXHAUSTED,
                                     StatusCode::UNKNOWN};
  for (int code = 1; code < codes; ++code) {
    const auto each = static_cast<StatusCode>(code);
    EXPECT_EQ(is_passing(of(each)), passing.contains(each)) << code;
  }
}

TEST(FirestoreFailure, ACommitMayHaveHappenedUnlessItWasRefusedOrNotSent) {
  const std::set<StatusCode> open{StatusCode::CANCELLED, StatusCode::DEADLINE_EXCEEDED,
                                  StatusCode::INTERNAL, StatusCode::UNAVAILABLE,
                                  StatusCode::UNKNOWN};
  for (int code = 1; code < codes; ++code) {
    Failure failure = of(static_cast<StatusCode>(code));
    EXPECT_EQ(may_have_happened(failure), open.contains(failure.code)) << code;
    failure.sent = false;
    EXPECT_FALSE(may_have_happened(failure)) << code;
  }
}

TEST(FirestoreFailure, SaysTheRemedy) {
  const auto message = [](StatusCode code) { return error_of(of(code)).message; };
  EXPECT_THAT(message(StatusCode::PERMISSION_DENIED), HasSubstr("roles/datastore.user"));
  EXPECT_THAT(message(StatusCode::NOT_FOUND), HasSubstr("gcloud firestore databases create"));
  EXPECT_THAT(message(StatusCode::UNAUTHENTICATED), HasSubstr("application-default login"));
  EXPECT_THAT(message(StatusCode::RESOURCE_EXHAUSTED), HasSubstr("quota"));
  EXPECT_THAT(message(StatusCode::FAILED_PRECONDITION), HasSubstr("native mode"));
  const Failure failure{StatusCode::FAILED_PRECONDITION, "The query requires an index."};
  EXPECT_THAT(error_of(failure).message, HasSubstr("firestore.indexes.json"));
  EXPECT_EQ(message(StatusCode::UNAVAILABLE), "Firestore: UNAVAILABLE: why");
}

TEST(FirestoreFailure, OnlyLostDataIsDamage) {
  for (int code = 1; code < codes; ++code) {
    const auto each = static_cast<StatusCode>(code);
    const bool lost = each == StatusCode::DATA_LOSS;
    EXPECT_EQ(error_of(of(each)).code,
              lost ? StoreError::Code::corrupt : StoreError::Code::unavailable);
  }
}

TEST(FirestoreFailure, LeavesDocumentsOutAndIsShort) {
  const auto failure = failure_of({StatusCode::ALREADY_EXISTS,
                                   "Document projects/p/databases/d/documents/rows/ab, and "
                                   "\"projects/p/databases/d/documents/rows/cd\" are there"});
  EXPECT_EQ(failure.message,
            "Document projects/p/databases/d/documents/... and "
            "\"projects/p/databases/d/documents/...\" are there");
  EXPECT_LE(failure_of({StatusCode::UNKNOWN, std::string(5000, 'x')}).message.size(), 400u);
}

TEST(FirestoreRetry, PausesGrowAndAreBounded) {
  Retry retry(soon());
  const Failure passing = of(StatusCode::UNAVAILABLE);
  EXPECT_LE(retry.pause_after(passing).value(), 20ms);
  for (int i = 0; i < 20; ++i) EXPECT_LE(retry.pause_after(passing).value(), 500ms);
  EXPECT_GE(retry.pause_after(passing).value(), 250ms);
}

TEST(FirestoreRetry, AQuotaIsGivenTime) {
  Retry retry(soon());
  EXPECT_GE(retry.pause_after(of(StatusCode::RESOURCE_EXHAUSTED)).value(), 500ms);
  EXPECT_LE(retry.pause_after(of(StatusCode::ABORTED)).value(), 20ms);
}

TEST(FirestoreRetry, EndsWithTheDeadlineOrAFailureThatStays) {
  Retry retry(soon()), late(in(0ms));
  EXPECT_FALSE(retry.pause_after(of(StatusCode::PERMISSION_DENIED)));
  EXPECT_FALSE(late.pause_after(of(StatusCode::UNAVAILABLE)));
}

TEST(FirestoreCredentials, AFileThatCannotBeReadIsAnErrorThatNamesNoPath) {
  ASSERT_EQ(setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json", 1), 0);
  const auto credentials = store::firestore::default_credentials();
  unsetenv("GOOGLE_APPLICATION_CREDENTIALS");
  ASSERT_FALSE(credentials);
  EXPECT_THAT(credentials.error(), HasSubstr("GOOGLE_APPLICATION_CREDENTIALS"));
  EXPECT_THAT(credentials.error(), Not(HasSubstr("nowhere")));
}

}  // namespace
