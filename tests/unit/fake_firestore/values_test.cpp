#include "fake_firestore/values.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "unit/fake_firestore/make.h"

namespace fake_firestore {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

v1::Value boolean(bool yes) {
  v1::Value value;
  value.set_boolean_value(yes);
  return value;
}

v1::Value bytes(const std::string& content) {
  v1::Value value;
  value.set_bytes_value(content);
  return value;
}

v1::Value reference(const std::string& name) {
  v1::Value value;
  value.set_reference_value(name);
  return value;
}

v1::Value point(double latitude, double longitude) {
  v1::Value value;
  value.mutable_geo_point_value()->set_latitude(latitude);
  value.mutable_geo_point_value()->set_longitude(longitude);
  return value;
}

v1::Value time(Micros at) {
  v1::Value value;
  *value.mutable_timestamp_value() = timestamp_of(at);
  return value;
}

TEST(Values, OfAllKindsHaveOneOrder) {
  const std::vector<v1::Value> ascending = {
      v1::Value(),
      boolean(false),
      boolean(true),
      real(nan),
      real(-infinity),
      integer(-1),
      real(-0.5),
      integer(0),
      real(0.5),
      integer(1),
      real(infinity),
      time(1),
      time(1'000'000),
      text(""),
      text("a"),
      text("ab"),
      text("b"),
      text("\xc3\xa9"),
      bytes("a"),
      bytes(std::string("a\0", 2)),
      reference("p/a"),
      reference("p/a/b/c"),
      reference("p/a!"),
      point(1, 5),
      point(2, 1),
      list(),
      list(integer(1)),
      list(integer(1), integer(0)),
      list(integer(2)),
      map("a", integer(1)),
      map("a", integer(2)),
      map("b", integer(0)),
  };
  for (std::size_t i = 0; i < ascending.size(); ++i)
    for (std::size_t j = 0; j < ascending.size(); ++j)
      EXPECT_EQ(compare(ascending[i], ascending[j]) < 0, i < j) << i << " " << j;
}

TEST(Values, WholeAndRealNumbersAreOneKind) {
  EXPECT_TRUE(compare(integer(2), real(2.0)) == 0);
  EXPECT_TRUE(compare(real(-0.0), integer(0)) == 0);
  // The double next to the largest integers is none of them.
  const std::int64_t largest = std::numeric_limits<std::int64_t>::max();
  EXPECT_TRUE(compare(integer(largest), real(9223372036854775808.0)) < 0);
  EXPECT_TRUE(compare(integer(9007199254740993), real(9007199254740992.0)) > 0);
}

TEST(Values, NaNEqualsItself) { EXPECT_TRUE(compare(real(nan), real(-nan)) == 0); }

TEST(Values, AreContainedByValue) {
  const auto array = list(integer(1), text("a"), map("k", list(integer(2)))).array_value();
  EXPECT_TRUE(contains(array, real(1.0)));
  EXPECT_TRUE(contains(array, map("k", list(integer(2)))));
  EXPECT_FALSE(contains(array, text("1")));
}

}  // namespace
}  // namespace fake_firestore
