#include "nostr/hyperloglog.h"

#include <gtest/gtest.h>
#include <openssl/sha.h>

#include "event_text.h"

using nostr::HyperLogLog;

namespace {

std::optional<std::size_t> offset(std::string_view filter) {
  const nostr::Filter parsed = test::filter(filter);
  return HyperLogLog::offset_of({&parsed, 1});
}

nostr::PublicKey sha256(std::string_view text) {
  nostr::PublicKey hash;
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.bytes.data());
  return hash;
}

nostr::PublicKey key(std::string_view hex) { return *base::from_hex<nostr::PublicKey>(hex); }

const std::string f_at_32 = std::string(32, '0') + "f" + std::string(31, '0');
const std::string a_at_32 = std::string(32, '0') + "a" + std::string(31, '0');

}  // namespace

TEST(HyperLogLog, OffsetIsTheHexDigitAtPosition32AndEight) {
  EXPECT_EQ(offset(R"({"kinds":[7],"#e":[")" + f_at_32 + R"("]})"), 23u);
  EXPECT_EQ(offset(R"({"kinds":[3],"#p":[")" + std::string(64, '3') + R"("]})"), 11u);
  EXPECT_EQ(offset(R"({"#a":["30023:)" + a_at_32 + R"(:slug:x"]})"), 18u);
}

TEST(HyperLogLog, OffsetOfAnythingElseIsThatOfItsHash) {
  EXPECT_EQ(offset(R"({"#t":["bitcoin"]})"), 12u);
  EXPECT_EQ(offset(R"({"#a":["30023:xyz:slug"]})"), 10u);
}

TEST(HyperLogLog, IsForOneFilterWithOneTagOfOneValue) {
  for (const auto* other : {"{}", R"({"kinds":[1]})", R"({"#t":[]})", R"({"#t":["a","b"]})",
                            R"({"#t":["a"],"#h":["b"]})"})
    EXPECT_EQ(offset(other), std::nullopt) << other;
  const std::vector<nostr::Filter> two(2, test::filter(R"({"#t":["a"]})"));
  EXPECT_EQ(HyperLogLog::offset_of(two), std::nullopt);
  EXPECT_EQ(HyperLogLog::offset_of({}), std::nullopt);
}

TEST(HyperLogLog, ARegisterHoldsTheLongestRunOfZerosAndOne) {
  HyperLogLog sketch(8);
  const std::string front(16, '0');  // bytes 0..7
  sketch.add(key(front + "05" + "80" + std::string(44, '0')));
  EXPECT_EQ(sketch.hex().substr(0, 12), "000000000001");
  sketch.add(key(front + "05" + "0001" + std::string(42, '0')));
  EXPECT_EQ(sketch.hex().substr(10, 2), "10") << "15 zeros and one";
  sketch.add(key(front + "05" + "40" + std::string(44, '0')));
  EXPECT_EQ(sketch.hex().substr(10, 2), "10") << "a shorter run changes nothing";
  sketch.add(key(front + "ff" + std::string(46, '0')));
  EXPECT_EQ(sketch.hex().substr(510), "b9") << "23 bytes of zeros and one";
}

// Made with another implementation of the text of NIP-45 (Python): SHA-256 of "author 0" to "author 999", offset 11.
TEST(HyperLogLog, AgreesWithAnotherImplementation) {
  HyperLogLog sketch(11);
  for (int i = 0; i < 1000; ++i) sketch.add(sha256("author " + std::to_string(i)));
  EXPECT_EQ(sketch.hex(),
            "02030301030605050303070302020302030202020103030603010302030302050303030500010401"
            "05020502020206020301020105030502070207070802020302030300040303060207080202030305"
            "03030401020403020403020204020102020203020204040302020302020503010305000303010701"
            "01020103030706030204020303020303040301030504030503040204060403020304010001030205"
            "01050403020202030802050306030306020202050305050501050203040302070202040303050c03"
            "01020307050407020104060302020504030303030403030303020504060103030301050502050702"
            "03030300050301020502030200030203");
}

TEST(HyperLogLog, AnAuthorCountsOnce) {
  HyperLogLog once(9), often(9);
  once.add(sha256("author"));
  for (int i = 0; i < 5; ++i) often.add(sha256("author"));
  EXPECT_EQ(once.hex(), often.hex());
  EXPECT_EQ(HyperLogLog(9).hex(), std::string(512, '0'));
}
