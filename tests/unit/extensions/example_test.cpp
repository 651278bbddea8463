// The example of docs/extensions.md compiles, works and stands there as it is.
#include <fstream>

#include "../../../docs/extension_example.h"
#include "unit/relay/relay_fixture.h"

namespace {

using extensions::content_limit::ContentLimit;
using testing::HasSubstr;

std::string text_of(const std::string& file) {
  std::ifstream in(std::string(GATEWAY_SOURCE_DIR "/docs/") + file);
  return {std::istreambuf_iterator<char>(in), {}};
}

class ExampleTest : public test::RelayFixture {
 protected:
  std::string publish(const std::string& content) {
    return RelayFixture::publish(connect(), alice.sign(1, {}, content, now_));
  }
  const test::Signer alice{1};
};

TEST_F(ExampleTest, DoesWhatItSaysAndTakesANewConfiguration) {
  const auto limit = std::make_shared<ContentLimit>(extensions::content_limit::Config{10});
  start({limit});
  EXPECT_THAT(publish("short"), HasSubstr(",true,"));
  EXPECT_THAT(publish("too long for it"), HasSubstr(",false,\"blocked: "));
  limit->configure({100});
  worker_->reload(options_);
  EXPECT_THAT(publish("too long for it"), HasSubstr(",true,"));
}

TEST(Example, StandsInTheDocumentation) {
  const std::string code = text_of("extension_example.h");
  ASSERT_FALSE(code.empty());
  EXPECT_THAT(text_of("extensions.md"), HasSubstr("```cpp\n" + code + "```\n"));
}

}  // namespace
