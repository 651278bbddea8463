#include "config/reference.h"

#include <gmock/gmock.h>

#include "unit/config/loading.h"

namespace {

using testing::HasSubstr;

TEST(Reference, ListsEveryKeyWithDefaultMeaningAndVariables) {
  Loading it;
  const std::string page = config::reference_markdown(it.settings);
  EXPECT_THAT(page, HasSubstr("\n## [server]\n"));
  EXPECT_THAT(page, HasSubstr("| `port` | `8080` | TCP port; 0 = any free one, named in the log. | "
                              "restart | `MLS_GATEWAY_SERVER_PORT`, `PORT` |\n"));
  for (const base::Setting& setting : it.settings.all())
    EXPECT_THAT(page, HasSubstr("| `" + setting.key + "` | "));
}

TEST(Reference, EscapesWhatWouldEndATableCell) {
  std::string value = "a|b";
  base::Settings settings;
  settings.add({"x", "y", "one | two", &value, {}, {}});
  EXPECT_THAT(config::reference_markdown(settings),
              HasSubstr("| `y` | `\"a\\|b\"` | one \\| two |"));
}

}  // namespace
