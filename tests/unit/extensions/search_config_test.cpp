#include <gmock/gmock.h>

#include "config/load.h"
#include "extensions/search/config.h"

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// The errors of this file.
std::vector<std::string> load(extensions::search::Config& config, const std::string& text) {
  base::Settings settings;
  declare(settings, config);
  const auto loaded =
      config::load(settings, {"test.toml", text}, [](std::string_view) { return std::nullopt; });
  return loaded ? std::vector<std::string>{} : loaded.error();
}

TEST(SearchConfig, KindsAreAListOfNumbers) {
  extensions::search::Config config;
  EXPECT_THAT(load(config, "[extensions.search]\nenabled = true\nkinds = [1, 30023]"), IsEmpty());
  EXPECT_TRUE(config.finds(1));
  EXPECT_FALSE(config.finds(0));
  EXPECT_THAT(
      load(config, "[extensions.search]\nkinds = [\"1\"]"),
      ElementsAre(HasSubstr("must be a list of whole numbers; write it like kinds = [1, 2]")));
}

TEST(SearchConfig, PrivateKindsAndNoKindsAreRefused) {
  for (const std::string kind :
       {"4", "443", "444", "445", "446", "450", "1059", "21059", "-1", "65536"}) {
    extensions::search::Config config;
    EXPECT_THAT(load(config, "[extensions.search]\nkinds = [1, " + kind + "]"),
                ElementsAre(HasSubstr(kind)));
  }
}

}  // namespace
