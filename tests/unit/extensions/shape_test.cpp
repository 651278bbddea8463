// What one event must look like, kind by kind, before anything is asked of rows.
#include "unit/extensions/gateway_fixture.h"

namespace {

using test::TagList;

struct ShapeCase {
  const char* name;
  int kind;
  TagList tags;
  const char* answer;
};

class Shape : public test::GatewayFixture, public testing::WithParamInterface<ShapeCase> {};

TEST_P(Shape, IsChecked) {
  start_gateway({.keypackage_validation = "off"});
  const ShapeCase& shape = GetParam();
  EXPECT_THAT(publish(connect_as(alice), alice, shape.kind, shape.tags),
              testing::HasSubstr(shape.answer));
}

const std::string somebody(64, 'a');

INSTANTIATE_TEST_SUITE_P(
    Events, Shape,
    testing::Values(
        ShapeCase{"WelcomeOnItsOwn", 444, {}, "false,\"invalid: a Welcome"},
        ShapeCase{
            "RosterWithoutGroup", 450, {}, "false,\"invalid: a roster event has exactly one `h`"},
        ShapeCase{"RosterWithTwoGroups",
                  450,
                  {{"h", "g"}, {"h", "g"}},
                  "false,\"invalid: a roster event has exactly one `h`"},
        ShapeCase{"RosterWithEmptyGroup", 450, {{"h", ""}}, "false,\"invalid: the group id"},
        ShapeCase{"RosterWithoutOp", 450, {{"h", "g"}, {"seq", "1"}}, "false,\"invalid: `op`"},
        ShapeCase{"RosterWithUnknownOp",
                  450,
                  {{"h", "g"}, {"seq", "1"}, {"op", "ban"}},
                  "false,\"invalid: `op`"},
        ShapeCase{"RosterWithTwoOps",
                  450,
                  {{"h", "g"}, {"seq", "1"}, {"op", "add"}, {"op", "add"}},
                  "false,\"invalid: `op`"},
        ShapeCase{
            "RosterWithoutSeq", 450, {{"h", "g"}, {"op", "bootstrap"}}, "false,\"invalid: `seq`"},
        ShapeCase{"RosterWithTwoSeqs",
                  450,
                  {{"h", "g"}, {"op", "bootstrap"}, {"seq", "1"}, {"seq", "1"}},
                  "false,\"invalid: `seq`"},
        ShapeCase{"RosterWithBadSeq",
                  450,
                  {{"h", "g"}, {"op", "bootstrap"}, {"seq", "0x1"}},
                  "false,\"invalid: `seq`"},
        ShapeCase{"RosterWithHugeSeq",
                  450,
                  {{"h", "g"}, {"op", "bootstrap"}, {"seq", "9223372036854775808"}},
                  "false,\"invalid: `seq`"},
        ShapeCase{"RosterWithBadKey",
                  450,
                  {{"h", "g"}, {"op", "bootstrap"}, {"seq", "1"}, {"p", "bob"}},
                  "false,\"invalid: `p`"},
        ShapeCase{"RosterWithAKeyTwice",
                  450,
                  {{"h", "g"}, {"op", "bootstrap"}, {"seq", "1"}, {"p", somebody}, {"p", somebody}},
                  "false,\"invalid: a roster event names each key once"},
        ShapeCase{"RosterAddsNobody",
                  450,
                  {{"h", "g"}, {"op", "add"}, {"seq", "1"}},
                  "false,\"invalid: this operation names its keys"},
        ShapeCase{"RosterReplacesByNobody",
                  450,
                  {{"h", "g"}, {"op", "replace"}, {"seq", "1"}},
                  "false,\"invalid: this operation names its keys"},
        ShapeCase{"RosterRenamesWithoutName",
                  450,
                  {{"h", "g"}, {"op", "rename"}, {"seq", "1"}},
                  "false,\"invalid: `rename`"},
        ShapeCase{"RosterRenamesTooLong",
                  450,
                  {{"h", "g"}, {"op", "rename"}, {"seq", "1"}, {"name", std::string(257, 'n')}},
                  "false,\"invalid: `rename`"},
        ShapeCase{"RosterRenamesWithControlCharacter",
                  450,
                  {{"h", "g"}, {"op", "rename"}, {"seq", "1"}, {"name", "a\nb"}},
                  "false,\"invalid: `rename`"},
        ShapeCase{"Roster", 450, {{"h", "g"}, {"op", "bootstrap"}, {"seq", "1"}}, ",true,\"\""},
        ShapeCase{
            "MessageWithoutGroup", 445, {}, "false,\"invalid: a group message has exactly one `h`"},
        ShapeCase{"MessageWithTwoGroups",
                  445,
                  {{"h", "g"}, {"h", "g"}},
                  "false,\"invalid: a group message has exactly one `h`"},
        ShapeCase{
            "MessageWithBadEpoch", 445, {{"h", "g"}, {"k", "-1"}}, "false,\"invalid: the epoch"},
        ShapeCase{"MessageWithHugeEpoch",
                  445,
                  {{"h", "g"}, {"k", "9223372036854775808"}},
                  "false,\"invalid: the epoch"},
        ShapeCase{"MessageWithEmptyGroup", 445, {{"h", ""}}, "false,\"invalid: the group id"},
        ShapeCase{"MessageWithLongGroup",
                  445,
                  {{"h", std::string(129, 'g')}},
                  "false,\"invalid: the group id"},
        ShapeCase{
            "MessageWithControlCharacter", 445, {{"h", "g\n"}}, "false,\"invalid: the group id"},
        ShapeCase{"NoiseWithoutRecipient", 446, {}, "false,\"invalid: exactly one `p`"},
        ShapeCase{"NoiseWithTwoRecipients",
                  446,
                  {{"p", somebody}, {"p", somebody}},
                  "false,\"invalid: exactly one `p`"},
        ShapeCase{"NoiseWithOtherVersion",
                  446,
                  {{"p", somebody}, {"v", "noise.2"}},
                  "false,\"invalid: `v`"},
        ShapeCase{"Noise", 446, {{"p", somebody}, {"v", "noise.1"}}, ",true,\"\""},
        ShapeCase{"WrapWithoutRecipient", 1059, {{"h", "g"}}, "false,\"invalid: exactly one `p`"},
        ShapeCase{"WrapWithBadRecipient", 1059, {{"p", "bob"}}, "false,\"invalid: `p`"},
        ShapeCase{"WrapWithTwoGroups",
                  1059,
                  {{"p", somebody}, {"h", "g"}, {"h", "i"}},
                  "false,\"invalid: a gift wrap has at most one `h`"},
        ShapeCase{"WrapWithOtherVersion",
                  1059,
                  {{"p", somebody}, {"v", "gift.2"}},
                  "false,\"invalid: `v`"},
        ShapeCase{"PackageOfSomeoneElse",
                  443,
                  {{"p", somebody}},
                  "false,\"invalid: `p` of a key package"},
        ShapeCase{"ExpiredPackage",
                  443,
                  {{"exp", "1000"}},
                  "false,\"invalid: this key package has expired"},
        ShapeCase{"PackageWithOddExpiry", 443, {{"exp", "1e10"}}, "false,\"invalid: `exp`"},
        ShapeCase{"PackageWithoutTags", 443, {}, ",true,\"\""}),
    [](const auto& info) { return info.param.name; });

}  // namespace
