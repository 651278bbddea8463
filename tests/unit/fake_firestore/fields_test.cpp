#include "fake_firestore/fields.h"

#include <gtest/gtest.h>

#include "fake_firestore/names.h"
#include "unit/fake_firestore/make.h"

namespace fake_firestore {
namespace {

TEST(Paths, QuotationsKeepDotsAndQuotes) {
  EXPECT_EQ(parse_path("a.b"), (Path{"a", "b"}));
  EXPECT_EQ(parse_path("`a.b`.c"), (Path{"a.b", "c"}));
  EXPECT_EQ(parse_path("`a\\`b\\\\`"), (Path{"a`b\\"}));
}

TEST(Paths, EmptySegmentsAndOpenQuotationsAreNone) {
  for (const char* text : {"", ".", "a.", "a..b", "`a", "``"})
    EXPECT_FALSE(parse_path(text).has_value()) << text;
}

TEST(Fields, ArePutAndErasedInsideOfMaps) {
  Fields fields;
  put(fields, Path{"a", "b"}, integer(1));
  put(fields, Path{"a", "c"}, integer(2));
  erase(fields, Path{"a", "b"});
  erase(fields, Path{"nothing", "there"});
  EXPECT_EQ(find(fields, Path{"a", "b"}), nullptr);
  ASSERT_NE(find(fields, Path{"a", "c"}), nullptr);
  EXPECT_EQ(find(fields, Path{"a", "c"})->integer_value(), 2);
  EXPECT_EQ(fields.size(), 1u);
}

TEST(Fields, AMapThatIsInTheWayIsReplaced) {
  Fields fields;
  put(fields, Path{"a"}, integer(1));
  put(fields, Path{"a", "b"}, integer(2));
  ASSERT_NE(find(fields, Path{"a", "b"}), nullptr);
}

/// The example of https://firebase.google.com/docs/firestore/storage-size.
TEST(Fields, SizeOfADocumentIsCountedAsFirestoreDoes) {
  v1::Document document;
  document.set_name(root + "/users/jeff/tasks/my_task_id");
  auto& fields = *document.mutable_fields();
  fields["type"] = text("Personal");
  fields["done"].set_boolean_value(false);
  fields["priority"] = integer(1);
  fields["description"] = text("Learn Cloud Firestore");
  EXPECT_EQ(stored_size(document), 147u);
}

TEST(Names, AreThoseOfDocuments) {
  EXPECT_TRUE(check_name(root + "/c/d"));
  EXPECT_TRUE(check_name(root + "/c/d/e/f"));
  for (const std::string rest : {"", "/c", "/c/", "/c/d/e", "//d", "/c/__x__", "/c/..", "/c/."})
    EXPECT_FALSE(check_name(root + rest)) << rest;
  EXPECT_FALSE(check_name(root + "/c/" + std::string(1501, 'a')));
  EXPECT_FALSE(check_name("c/d"));
}

}  // namespace
}  // namespace fake_firestore
