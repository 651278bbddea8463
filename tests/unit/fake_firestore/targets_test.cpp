#include "fake_firestore/targets.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/fake_firestore/make.h"

namespace fake_firestore {
namespace {

using Change = v1::TargetChange;

std::string ids_of(const auto& ids) { return fmt::format("{}", fmt::join(ids, ",")); }

/// "ADD 1", "a +1,2 -3", "a deleted -1", "a left -1".
std::string told(const v1::ListenResponse& response) {
  const auto id = [](const std::string& name) { return name.substr(name.rfind('/') + 1); };
  if (response.has_document_change()) {
    const auto& change = response.document_change();
    return fmt::format("{} +{} -{}", id(change.document().name()), ids_of(change.target_ids()),
                       ids_of(change.removed_target_ids()));
  }
  if (response.has_document_delete())
    return fmt::format("{} deleted -{}", id(response.document_delete().document()),
                       ids_of(response.document_delete().removed_target_ids()));
  if (response.has_document_remove())
    return fmt::format("{} left -{}", id(response.document_remove().document()),
                       ids_of(response.document_remove().removed_target_ids()));
  const auto& change = response.target_change();
  return fmt::format("{} {}", Change::TargetChangeType_Name(change.target_change_type()),
                     ids_of(change.target_ids()));
}

std::vector<std::string> told(const Responses& responses) {
  std::vector<std::string> words;
  for (const auto& response : responses) words.push_back(told(response));
  return words;
}

using Told = std::vector<std::string>;

struct Listened : testing::Test {
  Documents documents{};
  Tokens tokens{};
  Counts counts{};
  Targets targets{documents, tokens, counts};

  /// Of the documents in c whose x is `x`, up to `limit` of them.
  static v1::ListenRequest query(int id, std::int64_t x, int limit = 0) {
    v1::ListenRequest request;
    auto& target = *request.mutable_add_target();
    target.set_target_id(id);
    target.mutable_query()->set_parent(root);
    auto& wanted = *target.mutable_query()->mutable_structured_query();
    wanted.add_from()->set_collection_id("c");
    auto& filter = *wanted.mutable_where()->mutable_field_filter();
    filter.mutable_field()->set_field_path("x");
    filter.set_op(v1::StructuredQuery_FieldFilter::EQUAL);
    *filter.mutable_value() = integer(x);
    if (limit > 0) wanted.mutable_limit()->set_value(limit);
    return request;
  }

  Told request(const v1::ListenRequest& wanted) {
    const auto responses = targets.request(wanted);
    return responses ? told(*responses) : Told{"refused"};
  }

  Told caught_up() { return told(targets.catch_up()); }
};

TEST_F(Listened, ATargetBeginsWithItsWholeResult) {
  commit(documents, set("a", integer(1)));
  commit(documents, set("b", integer(2)));
  EXPECT_EQ(request(query(1, 1)), (Told{"ADD 1", "a +1 -", "CURRENT 1", "NO_CHANGE "}));
  EXPECT_EQ(caught_up(), Told());
}

TEST_F(Listened, ADocumentComesOnceForAllTargetsItConcerns) {
  (void)request(query(1, 1));
  (void)request(query(2, 1));
  (void)request(query(3, 2));
  commit(documents, set("a", integer(1)));
  EXPECT_EQ(caught_up(), (Told{"a +1,2 -", "NO_CHANGE "}));
  commit(documents, set("a", integer(2)));
  EXPECT_EQ(caught_up(), (Told{"a +3 -1,2", "NO_CHANGE "}));
  commit(documents, set("a", integer(9)));
  EXPECT_EQ(caught_up(), (Told{"a left -3", "NO_CHANGE "}));
  commit(documents, removal("a"));
  EXPECT_EQ(caught_up(), Told());
}

TEST_F(Listened, SeveralCommitsBecomeOneStep) {
  (void)request(query(1, 1));
  commit(documents, set("a", integer(1)));
  commit(documents, removal("a"));
  commit(documents, set("b", integer(1)));
  EXPECT_EQ(caught_up(), (Told{"b +1 -", "NO_CHANGE "}));
}

TEST_F(Listened, AWindowTakesInWhatMovesUp) {
  for (const char* id : {"a", "b", "c"}) commit(documents, set(id, integer(1)));
  (void)request(query(1, 1, 2));
  commit(documents, removal("a"));
  EXPECT_EQ(caught_up(), (Told{"a deleted -1", "c +1 -", "NO_CHANGE "}));
}

TEST_F(Listened, ATokenResumesWithWhatChangedSince) {
  commit(documents, set("a", integer(1)));
  commit(documents, set("b", integer(1)));
  const std::string token = tokens.of(documents.newest());
  commit(documents, set("c", integer(1)));
  commit(documents, removal("a"));
  auto again = query(1, 1);
  again.mutable_add_target()->set_resume_token(token);
  EXPECT_EQ(request(again), (Told{"ADD 1", "a deleted -1", "c +1 -", "CURRENT 1", "NO_CHANGE "}));
}

TEST_F(Listened, AForgottenTokenResetsAndAMadeUpOneIsRefused) {
  commit(documents, set("a", integer(1)));
  auto again = query(1, 1);
  again.mutable_add_target()->set_resume_token(tokens.of(documents.newest()));
  tokens.forget();
  EXPECT_EQ(request(again), (Told{"ADD 1", "RESET 1", "a +1 -", "CURRENT 1", "NO_CHANGE "}));
  auto made_up = query(2, 1);
  made_up.mutable_add_target()->set_resume_token("made up");
  EXPECT_EQ(request(made_up), Told{"refused"});
}

TEST_F(Listened, AResetTellsEverythingAgain) {
  (void)request(query(1, 1));
  commit(documents, set("a", integer(1)));
  (void)caught_up();
  EXPECT_EQ(told(targets.reset()), (Told{"RESET 1", "a +1 -", "CURRENT 1", "NO_CHANGE "}));
}

TEST_F(Listened, ARemovedTargetIsSilentAndItsIdIsFree) {
  (void)request(query(1, 1));
  EXPECT_EQ(request(query(1, 2)), Told{"refused"});
  v1::ListenRequest removal_of_1;
  removal_of_1.set_remove_target(1);
  EXPECT_EQ(request(removal_of_1), Told{"REMOVE 1"});
  commit(documents, set("a", integer(1)));
  EXPECT_EQ(caught_up(), Told());
  EXPECT_EQ(request(query(1, 2)).front(), "ADD 1");
}

TEST_F(Listened, DocumentsThatAreNotThereAreToldToBeDeleted) {
  v1::ListenRequest wanted;
  wanted.mutable_add_target()->set_target_id(4);
  wanted.mutable_add_target()->mutable_documents()->add_documents(name_of("a"));
  EXPECT_EQ(request(wanted), (Told{"ADD 4", "a deleted -4", "CURRENT 4", "NO_CHANGE "}));
  commit(documents, set("a", integer(1)));
  EXPECT_EQ(caught_up(), (Told{"a +4 -", "NO_CHANGE "}));
}

TEST_F(Listened, AHeartbeatBringsALaterToken) {
  (void)request(query(1, 1));
  commit(documents, set("elsewhere", integer(5)));
  const Responses beat = targets.heartbeat();
  ASSERT_EQ(told(beat), Told{"NO_CHANGE "});
  EXPECT_EQ(beat[0].target_change().resume_token(), tokens.of(documents.newest()));
}

TEST_F(Listened, HistoryThatWasForgottenIsReadAnew) {
  Documents forgetful(2);
  Targets late(forgetful, tokens, counts);
  (void)late.request(query(1, 1));
  for (const char* id : {"a", "b", "c"}) commit(forgetful, set(id, integer(1)));
  EXPECT_EQ(told(late.catch_up()),
            (Told{"RESET 1", "a +1 -", "b +1 -", "c +1 -", "CURRENT 1", "NO_CHANGE "}));
}

TEST_F(Listened, ReadsAreCountedForEachTargetAndDeletionsAreFree) {
  (void)request(query(1, 1));
  (void)request(query(2, 1));
  commit(documents, set("a", integer(1)));
  (void)caught_up();
  EXPECT_EQ(counts.reads, 2);
  commit(documents, removal("a"));
  (void)caught_up();
  EXPECT_EQ(counts.reads, 2);
}

}  // namespace
}  // namespace fake_firestore
