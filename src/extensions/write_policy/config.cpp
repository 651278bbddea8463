#include "extensions/write_policy/config.h"

namespace extensions::write_policy {

void declare(base::Settings& settings, Config& config) {
  const std::string section = "extensions.write_policy";
  settings.add({section,
                "plugin",
                "Program that decides which events are taken: a command, or the path of a script, "
                "which is started anew when it changes. It speaks strfry's plugin protocol "
                "(docs/extensions.md). \"\" = none.",
                &config.plugin,
                {},
                {},
                true});
  settings.add({section,
                "timeout_ms",
                "Milliseconds in which it must answer, or the event is refused with \"error:\"; "
                "below limits.authorize_timeout_ms.",
                &config.timeout_ms,
                base::in_range(config.timeout_ms, 10, 60'000),
                {},
                true});
}

}  // namespace extensions::write_policy
