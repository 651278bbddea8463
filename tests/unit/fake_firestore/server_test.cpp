// The fake in the process of a test, asked over gRPC.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "fake_firestore/control.h"
#include "fake_firestore/fake_firestore.h"
#include "google/firestore/v1/firestore.grpc.pb.h"
#include "unit/fake_firestore/make.h"

namespace fake_firestore {
namespace {

using namespace std::chrono_literals;
using grpc::StatusCode;

struct Served : testing::Test {
  FakeFirestore fake{};
  bool started = fake.start();
  std::unique_ptr<v1::Firestore::Stub> stub =
      v1::Firestore::NewStub(grpc::CreateChannel(fake.host(), grpc::InsecureChannelCredentials()));

  StatusCode commit(const v1::Write& write) {
    v1::CommitRequest request;
    request.set_database(database_name);
    *request.add_writes() = write;
    v1::CommitResponse response;
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    context.set_deadline(std::chrono::system_clock::now() + 10s);
    return stub->Commit(&context, request, &response).error_code();
  }

  v1::BatchWriteResponse batch_write(const v1::BatchWriteRequest& request, StatusCode wanted) {
    v1::BatchWriteResponse response;
    grpc::ClientContext context;
    EXPECT_EQ(stub->BatchWrite(&context, request, &response).error_code(), wanted);
    return response;
  }

  bool has(const std::string& id) {
    v1::GetDocumentRequest request;
    request.set_name(name_of(id));
    v1::Document response;
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    return stub->GetDocument(&context, request, &response).ok();
  }
};

v1::Write creation(const std::string& id) {
  v1::Write write = set(id, integer(1));
  write.mutable_current_document()->set_exists(false);
  return write;
}

TEST_F(Served, AFailureBeforeTheCommitLeavesNothing) {
  ASSERT_TRUE(started);
  fake.faults().add({.method = "Commit", .code = Code::unavailable});
  EXPECT_EQ(commit(creation("a")), StatusCode::UNAVAILABLE);
  EXPECT_FALSE(has("a"));
  EXPECT_EQ(commit(creation("a")), StatusCode::OK);
}

TEST_F(Served, ALostReplyHidesACommitThatIsThere) {
  fake.faults().add({.method = "Commit", .when = When::after, .code = Code::unavailable});
  EXPECT_EQ(commit(creation("a")), StatusCode::UNAVAILABLE);
  EXPECT_TRUE(has("a"));
  EXPECT_EQ(commit(creation("a")), StatusCode::ALREADY_EXISTS);
}

TEST_F(Served, AHeldCommitIsOvertaken) {
  fake.faults().add({.method = "Commit", .held = true});
  auto held = std::async(std::launch::async, [&] { return commit(creation("a")); });
  ASSERT_TRUE(fake.faults().wait_until_held(1, 10s));
  EXPECT_EQ(commit(creation("a")), StatusCode::OK);
  fake.faults().release();
  EXPECT_EQ(held.get(), StatusCode::ALREADY_EXISTS);
}

TEST_F(Served, DocumentsOutliveAnOutage) {
  EXPECT_EQ(commit(creation("a")), StatusCode::OK);
  const auto port = fake.port();
  fake.stop();
  ASSERT_TRUE(fake.start());
  EXPECT_EQ(fake.port(), port);
  EXPECT_TRUE(has("a"));
}

TEST_F(Served, EachWriteOfABatchHasItsOwnStatus) {
  v1::BatchWriteRequest request;
  request.set_database(database_name);
  for (const char* id : {"a", "b", "c"}) *request.add_writes() = creation(id);
  EXPECT_EQ(commit(creation("b")), StatusCode::OK);
  fake.faults().add({.method = "BatchWrite.write", .code = Code::aborted});
  const auto response = batch_write(request, StatusCode::OK);
  ASSERT_EQ(response.status_size(), 3);
  EXPECT_EQ(response.status(0).code(), StatusCode::ABORTED);
  EXPECT_EQ(response.status(1).code(), StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(response.status(2).code(), StatusCode::OK);
}

TEST_F(Served, ABatchIsBounded) {
  v1::BatchWriteRequest request;
  request.set_database(database_name);
  for (int i = 0; i < 500; ++i) *request.add_writes() = creation(std::to_string(i));
  (void)batch_write(request, StatusCode::OK);
  *request.add_writes() = creation("one more");
  (void)batch_write(request, StatusCode::INVALID_ARGUMENT);
  request.mutable_writes()->DeleteSubrange(2, 499);
  *request.mutable_writes(1) = request.writes(0);
  (void)batch_write(request, StatusCode::INVALID_ARGUMENT);
}

TEST_F(Served, DocumentsOfAnotherDatabaseAreRefused) {
  v1::Write write = creation("a");
  write.mutable_update()->set_name("projects/p/databases/other/documents/c/a");
  EXPECT_EQ(commit(write), StatusCode::INVALID_ARGUMENT);
}

TEST_F(Served, AStreamIsCutWithTheCodeThatWasOrdered) {
  grpc::ClientContext context;
  const auto stream = stub->Listen(&context);
  v1::ListenRequest request;
  request.mutable_add_target()->set_target_id(1);
  request.mutable_add_target()->mutable_documents()->add_documents(name_of("a"));
  ASSERT_TRUE(stream->Write(request));
  v1::ListenResponse response;
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(fake.streams(), 1u);
  EXPECT_EQ(commit(creation("a")), StatusCode::OK);
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.document_change().document().name(), name_of("a"));
  ASSERT_TRUE(stream->Read(&response));
  fake.cut_streams(Code::resource_exhausted);
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(Served, AStreamThatShouldNotOpenDoesNot) {
  fake.faults().add({.method = "Listen", .code = Code::unavailable});
  grpc::ClientContext context;
  const auto stream = stub->Listen(&context);
  v1::ListenResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), StatusCode::UNAVAILABLE);
}

/// Listens to c until it was told of `wanted` documents, over as many streams as it takes.
std::set<std::string> follow(v1::Firestore::Stub& stub, std::size_t wanted) {
  std::set<std::string> names;
  std::string token;
  while (names.size() < wanted) {
    grpc::ClientContext context;
    const auto stream = stub.Listen(&context);
    v1::ListenRequest request;
    auto& target = *request.mutable_add_target();
    target.set_target_id(1);
    target.set_resume_token(token);
    target.mutable_query()->set_parent(root);
    target.mutable_query()->mutable_structured_query()->add_from()->set_collection_id("c");
    stream->Write(request);
    v1::ListenResponse response;
    while (names.size() < wanted && stream->Read(&response)) {
      if (response.has_document_change())
        names.insert(response.document_change().document().name());
      const auto& change = response.target_change();
      if (change.target_ids().empty() && !change.resume_token().empty())
        token = change.resume_token();
    }
    context.TryCancel();
    (void)stream->Finish();
  }
  return names;
}

TEST_F(Served, ListenersMissNothingHoweverOftenTheyAreCut) {
  constexpr int writers = 4;
  constexpr int each = 100;
  std::vector<std::future<std::set<std::string>>> listeners;
  for (int i = 0; i < 4; ++i)
    listeners.push_back(
        std::async(std::launch::async, [&] { return follow(*stub, std::size_t{writers} * each); }));
  std::vector<std::future<void>> written;
  for (int writer = 0; writer < writers; ++writer)
    written.push_back(std::async(std::launch::async, [this, writer] {
      for (int i = 0; i < each; ++i) {
        EXPECT_EQ(commit(creation(fmt::format("{}-{}", writer, i))), StatusCode::OK);
        if (i % 10 == writer) fake.cut_streams();
      }
    }));
  for (auto& writer : written) writer.get();
  for (auto& listener : listeners) EXPECT_EQ(listener.get().size(), std::size_t{writers} * each);
}

TEST_F(Served, LinesDoWhatTheInterfaceDoes) {
  EXPECT_EQ(obey(fake, "fail Commit ABORTED after 2"), "ok");
  EXPECT_EQ(commit(creation("a")), StatusCode::ABORTED);
  EXPECT_EQ(commit(creation("b")), StatusCode::ABORTED);
  EXPECT_EQ(obey(fake, "counts"), "reads 0 writes 2 deletes 0");
  EXPECT_EQ(obey(fake, "calls Commit"), "calls 2");
  EXPECT_EQ(obey(fake, "clear-counts"), "ok");
  EXPECT_EQ(obey(fake, "counts"), "reads 0 writes 0 deletes 0");
  EXPECT_EQ(obey(fake, "streams"), "streams 0");
  for (const char* line : {"", "dance", "fail Commit", "fail Commit ABORTED sometimes",
                           "hold Commit before 0", "delay Commit -1", "cut NEVER"})
    EXPECT_THAT(obey(fake, line), testing::StartsWith("error:")) << line;
}

TEST_F(Served, ASecondOneCannotHaveTheSamePort) {
  FakeFirestore other;
  EXPECT_FALSE(other.start(fake.port()));
}

}  // namespace
}  // namespace fake_firestore
