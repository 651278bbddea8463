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
