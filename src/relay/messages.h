#pragma once
// What threads say to each other. Each message travels in a bounded queue; the overflow rule stands beside it.
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "nostr/event.h"
#include "store/stager.h"
#include "store/store.h"

namespace relay {

class Connection;

using BatchPtr = std::shared_ptr<const store::CommitBatch>;

/// Worker -> writer. Full queue: the event is refused with "error: …", the client may send it again.
struct Submission {
  store::Write write;
  std::size_t worker;  ///< who will pass the answer on
  std::weak_ptr<Connection> publisher;
};

/// The OK for one submission.
struct Answer {
  std::weak_ptr<Connection> publisher;
  nostr::EventId id;
  bool accepted;
  std::string reason;
};

/// Writer -> worker, two messages for each commit. Full queue: the writer waits, so its own queue fills up and refuses.
///
/// Every worker has Changed before any client learns of the commit by Settled: once a removal is acknowledged, no worker
/// can still take the removed key for a member; once an event is acknowledged, every worker's stored queries find it.
struct Changed {
  BatchPtr batch;
};
struct Settled {
  BatchPtr batch;
  std::vector<Answer> answers;
};

using WorkerMessage = std::variant<Changed, Settled>;

}  // namespace relay
