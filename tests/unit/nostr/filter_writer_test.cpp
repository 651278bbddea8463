#include "nostr/filter_writer.h"

#include <gtest/gtest.h>

#include "nostr/client_message.h"

namespace {

TEST(FilterJson, ReadBackItIsTheSame) {
  nostr::MessageParser parser{base::Limits{}};
  const std::string key(64, 'a'), id(64, '0');
  for (const std::string& text :
       {std::string("{}"), std::string(R"({"kinds":[]})"), std::string(R"({"limit":0})"),
        R"({"ids":[")" + id + R"("],"authors":[")" + key + R"("],"kinds":[1,65535],)" +
            R"("#h":["a\"b\\\n","z"],"#p":[")" + key + R"("],"since":1,"until":2,"limit":3})"}) {
    const auto filter = parser.parse_filter(text);
    ASSERT_TRUE(filter) << text << ": " << filter.error();
    EXPECT_EQ(nostr::filter_json(*filter), text);
  }
}

}  // namespace
