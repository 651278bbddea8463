#include <gmock/gmock.h>

#include "tree/layers.h"
#include "tree/source_file.h"

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(SourceTree, KeepsToItsRules) {
  const auto files = read_source_tree(GATEWAY_SOURCE_DIR);
  ASSERT_GT(files.size(), 20u) << "the tree was not found";
  for (const SourceFile& file : files)
    for (const std::string& fault : faults_of(file)) ADD_FAILURE() << fault;
}

TEST(Layers, IncludeOfALowerLayerIsFine) {
  EXPECT_THAT(
      faults_of({"src/relay/writer.cpp",
                 "#include \"relay/writer.h\"\n#include \"store/store.h\"\n#include <vector>\n"}),
      IsEmpty());
  EXPECT_THAT(faults_of({"src/app/main.cpp", "#include \"store/lmdb/lmdb_store.h\"\n"}), IsEmpty());
  EXPECT_THAT(faults_of({"src/net/socket.cpp", "#include \"relay/transport.h\"\n"}), IsEmpty());
}

TEST(Layers, IncludeOfAHigherLayerIsAFault) {
  EXPECT_THAT(faults_of({"src/nostr/event.cpp", "#include <string>\n#include \"store/store.h\"\n"}),
              ElementsAre("src/nostr/event.cpp:2: nostr may not include store/store.h"));
}

TEST(Layers, IncludeOfASiblingIsAFault) {
  EXPECT_FALSE(faults_of({"src/net/x.cpp", "#include \"extensions/auth/extension.h\"\n"}).empty());
  EXPECT_FALSE(faults_of({"src/store/lmdb/x.cpp", "#include \"store/memory/x.h\"\n"}).empty());
  EXPECT_FALSE(
      faults_of({"src/extensions/auth/x.cpp", "#include \"mls/key_package.h\"\n"}).empty());
}

TEST(Layers, IncludeOfAnotherHeaderThanTheNamedOnesIsAFault) {
  EXPECT_FALSE(faults_of({"src/net/x.cpp", "#include \"relay/connection.h\"\n"}).empty());
  EXPECT_FALSE(
      faults_of({"src/extensions/auth/x.cpp", "#include \"store/store_error.h\"\n"}).empty());
}

TEST(Layers, FolderOrHeaderWithoutALayerIsAFault) {
  EXPECT_THAT(faults_of({"src/misc/x.cpp", "#include \"base/bytes.h\"\n"}),
              ElementsAre(HasSubstr("in no layer")));
  EXPECT_THAT(faults_of({"src/base/x.cpp", "#include \"bytes.h\"\n"}),
              ElementsAre(HasSubstr("in no layer")));
}

TEST(OneDoor, AStoreInOtherHandsIsAFault) {
  for (const char* line : {"  store::Store& store_;", "void f(store::Store* store);",
                           "using store::Store;", "std::unique_ptr<store::Store> mine;"}) {
    EXPECT_THAT(faults_of({"src/relay/handle_req.cpp", line}),
                ElementsAre(HasSubstr("only Visibility reads events from the store")))
        << line;
    EXPECT_THAT(faults_of({"src/extensions/auth/x.cpp", line}), testing::SizeIs(1)) << line;
    EXPECT_THAT(faults_of({"src/app/relay_process.cpp", line}), IsEmpty()) << line;
  }
}

TEST(OneDoor, WhatAStoreKeepsMayBeNamed) {
  EXPECT_THAT(faults_of({"src/relay/handle_req.cpp",
                         "store::StoredEvent e;\nstore::StoreError f;\n// a store::Store&\n"}),
              IsEmpty());
}

TEST(OneDoor, IncludingTheStoreWhereNobodyNeedsItIsAFault) {
  const std::string line = "#include \"store/store.h\"\n";
  EXPECT_THAT(faults_of({"src/relay/handle_count.cpp", line}), testing::SizeIs(1));
  EXPECT_THAT(faults_of({"src/relay/stored_query_2.cpp", line}), testing::SizeIs(1));
  EXPECT_THAT(faults_of({"src/relay/writer.h", "#pragma once\n" + line}), IsEmpty());
}

TEST(OneDoor, AnotherRoadToTheStoresEventsIsAFault) {
  for (const char* line : {"  auto page = co_await store_.query(request);",
                           "  auto page = co_await visibility->store_->query(request);"}) {
    EXPECT_THAT(faults_of({"src/relay/worker.cpp", line}),
                ElementsAre(HasSubstr("only a stored query reads")));
    EXPECT_THAT(faults_of({"src/relay/stored_query.cpp", line}), IsEmpty());
  }
  EXPECT_THAT(faults_of({"src/relay/worker.cpp", "parse_query(text);"}), IsEmpty());
}

TEST(OneDoor, AskingForTheReadDecisionElsewhereIsAFault) {
  const std::string line = "  if (admission_.may_read(stored, viewer, filter)) send(stored);";
  EXPECT_THAT(faults_of({"src/relay/worker.cpp", line}),
              ElementsAre(HasSubstr("only Visibility asks for the read decision")));
  EXPECT_THAT(faults_of({"src/relay/visibility.h", "#pragma once\n" + line}), IsEmpty());
}

TEST(OneDoor, MakingAnEventVisibleElsewhereIsAFault) {
  EXPECT_THAT(faults_of({"src/relay/worker.cpp", "deliver(VisibleEvent(stored.event));"}),
              ElementsAre(HasSubstr("only Visibility makes an event visible")));
}

TEST(SourceFile, LongFilesAreFaults) {
  std::string text;
  for (int i = 0; i < 451; ++i) text += "int x;\n";
  EXPECT_THAT(faults_of({"src/base/x.cpp", text}), ElementsAre(HasSubstr("has 451 lines")));
}

TEST(SourceFile, HeaderWithoutPragmaOnceIsAFault) {
  EXPECT_THAT(faults_of({"src/base/x.h", "int x;\n"}), ElementsAre(HasSubstr("no #pragma once")));
}

TEST(SourceFile, MarksAndMachinePathsAreFaults) {
  const std::string mark = std::string("TO") + "DO", folder = std::string("/ho") + "me/";
  EXPECT_THAT(faults_of({"bench/x.cpp", "// " + mark + " later\n"}),
              ElementsAre("bench/x.cpp:1: holds a " + mark));
  EXPECT_THAT(faults_of({"src/base/x.cpp", "auto p = \"" + folder + "a\";\n"}),
              ElementsAre(HasSubstr("a path of one machine")));
}

}  // namespace
