#include "app/event_printer.h"

#include <cerrno>
#include <csignal>
#include <cstring>

#include "app/exit_code.h"
#include "app/store_access.h"
#include "app/wait_for.h"
#include "store/walk.h"

namespace app {

int print_events(store::Store& store, const nostr::Filter& filter, bool oldest_first, Print what,
                 Packing packing) {
  std::signal(SIGPIPE, SIG_IGN);  // write() says it
  const auto output = Output::to_stdout(packing);
  const std::function<bool(const store::StoredEvent&)> print = [&](const auto& stored) {
    output->write(what == Print::ids ? base::to_hex(stored.event->id) : stored.event->json);
    output->write("\n");
    return !output->failed();
  };
  const store::Walk walk{.now = base::system_now(), .oldest_first = oldest_first};
  const auto walked = wait_for(store::walk_events(store, filter, walk, print));
  const auto written = output->finish();
  if (!walked) return fail(walked.error().message);
  if (written) return done;
  if (written.error() == EPIPE) return broken_pipe;
  return fail(std::string("the output cannot be written: ") + std::strerror(written.error()));
}

}  // namespace app
