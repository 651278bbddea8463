#pragma once

namespace app {

/// What the commands on a store end with.
enum ExitCode : int {
  done = 0,
  partly = 1,         ///< done, but not everything was taken
  failed = 2,         ///< stderr says why and what to do
  broken_pipe = 141,  ///< whoever read the output has gone: as a shell reports SIGPIPE
};

}  // namespace app
