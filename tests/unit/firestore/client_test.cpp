#include "store/firestore/client.h"

#include <gmock/gmock.h>

#include <array>
#include <future>

#include "unit/firestore/on_fake.h"

namespace {

using namespace test;
using testing::AllOf;
using testing::Ge;
using testing::HasSubstr;
using testing::Lt;
using testing::Not;

using FirestoreClient = OnFake;

std::int64_t n_of(const v1::Document& document) {
  return document.fields().at("n").integer_value();
}

TEST_F(FirestoreClient, WhatWasCommittedIsReadByName) {
  ASSERT_TRUE(create("a", 7));
  const auto got = get({"c/a", "c/b"});
  ASSERT_TRUE(got) << got.error().message;
  ASSERT_EQ(got->found.size(), 1u);
  EXPECT_EQ(n_of(got->found.at("c/a")), 7);
  EXPECT_GT(got->read_time.seconds(), 0);
}

TEST_F(FirestoreClient, WithoutNamesNothingIsAsked) {
  ASSERT_TRUE(get({}));
  EXPECT_EQ(fake.faults().calls("BatchGetDocuments"), 0);
}

TEST_F(FirestoreClient, AQueryAnswersInItsOrder) {
  for (const int n : {3, 1, 2}) ASSERT_TRUE(create(std::to_string(n), n));
  const auto got = find(1);
  ASSERT_TRUE(got) << got.error().message;
  ASSERT_EQ(got->documents.size(), 2u);
  EXPECT_EQ(n_of(got->documents[0]), 2);
  EXPECT_EQ(n_of(got->documents[1]), 3);
  EXPECT_GT(got->read_time.seconds(), 0);
}

TEST_F(FirestoreClient, AnEmptyResultHasAReadTime) {
  const auto got = find(1);
  ASSERT_TRUE(got);
  EXPECT_TRUE(got->documents.empty());
  EXPECT_GT(got->read_time.seconds(), 0);
}

TEST_F(FirestoreClient, ReadsAsOfATimeThatIsPast) {
  ASSERT_TRUE(create("a", 1));
  const auto before = get({"c/a"});
  ASSERT_TRUE(before);
  ASSERT_TRUE(create("b", 2));
  const auto got = await(client.batch_get({"c/a", "c/b"}, before->read_time, soon()));
  ASSERT_TRUE(got);
  EXPECT_TRUE(got->found.contains("c/a"));
  EXPECT_FALSE(got->found.contains("c/b"));
  const auto queried = await(client.run_query(above(0), before->read_time, soon()));
  ASSERT_TRUE(queried);
  EXPECT_EQ(queried->documents.size(), 1u);
  EXPECT_EQ(queried->read_time.nanos(), before->read_time.nanos());
}

TEST_F(FirestoreClient, NamesAreRelativeToTheDatabase) {
  EXPECT_EQ(client.name_of("c/a"), "projects/p/databases/(default)/documents/c/a");
  EXPECT_EQ(client.relative_of("projects/p/databases/(default)/documents/c/a"), "c/a");
  EXPECT_EQ(client.relative_of("projects/p/databases/other/documents/c/a"), "");
  EXPECT_EQ(client.relative_of("projects/p/databases/(default)/documents"), "");
}

TEST_F(FirestoreClient, ACommitIsTriedOnceWhateverItsFailure) {
  for (int code = 1; code <= 16; ++code) {
    fake.faults().add({.method = "Commit", .code = static_cast<Code>(code)});
    const auto done = create("a");
    ASSERT_FALSE(done) << code;
    EXPECT_EQ(done.error().code, static_cast<StatusCode>(code));
    EXPECT_TRUE(done.error().sent);
    EXPECT_EQ(fake.faults().calls("Commit"), code);
  }
}

TEST_F(FirestoreClient, AReadIsTriedAgainWhileItsFailureMayPass) {
  for (const Code code : {Code::aborted, Code::unavailable, Code::deadline_exceeded, Code::internal,
                          Code::unknown, Code::cancelled, Code::resource_exhausted}) {
    for (const char* method : {"BatchGetDocuments", "RunQuery"})
      fake.faults().add({.method = method, .times = 2, .code = code});
    EXPECT_TRUE(get({"c/a"}));
    EXPECT_TRUE(find(0));
  }
  EXPECT_EQ(fake.faults().calls("BatchGetDocuments"), 3 * 7);
  EXPECT_EQ(fake.faults().calls("RunQuery"), 3 * 7);
}

TEST_F(FirestoreClient, AReadEndsAtOnceWithAFailureThatStays) {
  fake.faults().add({.method = "RunQuery", .times = 9, .code = Code::permission_denied});
  const auto got = find(0);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(fake.faults().calls("RunQuery"), 1);
}

TEST_F(FirestoreClient, AReadIsTriedUntilTheDeadlineAndReportsTheLastFailure) {
  fake.faults().add({.method = "RunQuery", .times = 1'000'000, .code = Code::unavailable});
  const Deadline deadline = in(300ms);
  const auto got = find(0, deadline);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, StatusCode::UNAVAILABLE);
  EXPECT_THAT(fake.faults().calls("RunQuery"), AllOf(Ge(3), Lt(31)));
}

TEST_F(FirestoreClient, ALostReplyMayHaveHappened) {
  fake.faults().add({.method = "Commit", .when = When::after, .code = Code::unavailable});
  const auto done = create("a");
  ASSERT_FALSE(done);
  EXPECT_TRUE(may_have_happened(done.error()));
  EXPECT_TRUE(get({"c/a"})->found.contains("c/a"));
}

TEST_F(FirestoreClient, ADeadlineHoldsThoughTheServerDoesNotAnswer) {
  for (const char* method : {"Commit", "RunQuery", "BatchGetDocuments"})
    fake.faults().add({.method = method, .held = true});
  const Deadline deadline = in(150ms);
  const auto done = await(client.commit(of(creation("a")), deadline));
  const auto now = std::chrono::steady_clock::now();
  EXPECT_GE(now, deadline);
  EXPECT_LT(now, deadline + 5s);
  EXPECT_EQ(done.error().code, StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(may_have_happened(done.error()));
  EXPECT_EQ(find(0, in(50ms)).error().code, StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(get({"c/a"}, in(50ms)).error().code, StatusCode::DEADLINE_EXCEEDED);
  fake.faults().release();
}

TEST_F(FirestoreClient, WhatHasNoTimeLeftIsNotSent) {
  const auto done = await(client.commit(of(creation("a")), in(-1ms)));
  EXPECT_EQ(done.error().code, StatusCode::DEADLINE_EXCEEDED);
  EXPECT_FALSE(may_have_happened(done.error()));
  EXPECT_EQ(fake.faults().calls("Commit"), 0);
}

TEST_F(FirestoreClient, AFailureNamesNoDocument) {
  ASSERT_TRUE(create("secret"));
  const auto done = create("secret");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, StatusCode::ALREADY_EXISTS);
  EXPECT_THAT(done.error().message, Not(HasSubstr("secret")));
}

TEST_F(FirestoreClient, OutagesPass) {
  ASSERT_TRUE(create("a"));
  fake.stop();
  EXPECT_EQ(get({"c/a"}, in(100ms)).error().code, StatusCode::UNAVAILABLE);
  EXPECT_EQ(create("b").error().code, StatusCode::UNAVAILABLE);
  ASSERT_TRUE(fake.start());
  EXPECT_TRUE(get({"c/a"}));
  EXPECT_TRUE(create("b"));
}

TEST_F(FirestoreClient, ACommitIsNotSentWhileNothingIsConnected) {
  fake.stop();
  EXPECT_TRUE(eventually([&] {
    const auto done = create("a");
    return done.error().code == StatusCode::UNAVAILABLE && !may_have_happened(done.error());
  }));
}

TEST_F(FirestoreClient, AReadWaitsForTheEndOfAnOutage) {
  fake.stop();
  auto reading = std::async(std::launch::async, [&] { return get({"c/a"}); });
  EXPECT_EQ(reading.wait_for(100ms), std::future_status::timeout);
  ASSERT_TRUE(fake.start());
  EXPECT_TRUE(reading.get());
}

TEST_F(FirestoreClient, BillsWhatFirestoreBills) {
  v1::CommitRequest request;
  for (int n = 1; n <= 5; ++n) *request.add_writes() = creation(std::to_string(n), n);
  ASSERT_TRUE(await(client.commit(request, soon())));
  request.clear_writes();
  request.add_writes()->set_delete_(client.name_of("c/5"));
  ASSERT_TRUE(await(client.commit(request, soon())));
  ASSERT_FALSE(create("1"));
  ASSERT_TRUE(get({"c/1", "c/5"}));
  ASSERT_TRUE(find(2));
  ASSERT_TRUE(find(100));
  const auto billed = client.billed();
  const auto wanted = fake.counts();
  EXPECT_EQ(billed.reads, 2u + 2u + 1u);
  EXPECT_EQ(billed.reads, static_cast<std::uint64_t>(wanted.reads));
  EXPECT_EQ(billed.writes, static_cast<std::uint64_t>(wanted.writes));
  EXPECT_EQ(billed.deletes, static_cast<std::uint64_t>(wanted.deletes));
}

TEST_F(FirestoreClient, ManyThreadsAskAtOnce) {
  std::array<std::future<int>, 4> threads;
  for (std::size_t thread = 0; thread < threads.size(); ++thread) {
    threads.at(thread) = std::async(std::launch::async, [this, thread] {
      int done = 0;
      for (int i = 0; i < 50; ++i) {
        const std::string id = std::to_string(thread) + '-' + std::to_string(i);
        if (create(id) && get({"c/" + id})->found.size() == 1) ++done;
      }
      return done;
    });
  }
  for (auto& thread : threads) EXPECT_EQ(thread.get(), 50);
}

}  // namespace
