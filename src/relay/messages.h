#pragma once
// What threads say to each other. Each message travels in a bounded queue; the overflow rule stands beside it.
#include <chrono>
#include <expected>
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

/// An operation under way. Its worker's coroutine waits for it; nobody may wait any more, and it is done all the same.
struct Errand;

/// Worker -> writer. Full queue: the event is refused with "error: …", the client may send it again.
struct Submission {
  store::Write write;
  std::size_t worker;  ///< who will pass the answer on
  std::weak_ptr<Connection> publisher;
  std::chrono::steady_clock::time_point read_at;  ///< given back with the answer
};
/// Worker -> writer, in the same queue. Full queue: the operation fails with "error: …".
struct OperationSubmission {
  store::OperationPtr operation;
  std::size_t worker;
  std::shared_ptr<Errand> errand;
};
using WriterMessage = std::variant<Submission, OperationSubmission>;

/// The OK for one submission.
struct Answer {
  std::weak_ptr<Connection> publisher;
  nostr::EventPtr event;
  bool accepted;
  std::string reason;
  std::chrono::steady_clock::time_point read_at;
};

/// Writer -> worker, two messages for each commit. Full queue: the writer waits, so its own queue fills up and refuses.
///
/// Every worker has Changed before any client learns of the commit by Settled: once a removal is
/// acknowledged, no worker can still take the removed key for a member; once an event is
/// acknowledged, every worker's stored queries find it. Commits of other instances on the same
/// store come as commits of this one do, in the one order that all of them have.
struct Changed {
  BatchPtr batch;
};
struct Settled {
  BatchPtr batch;
  std::vector<Answer> answers;
};

/// Writer -> worker: the store has lost track of what other instances committed before this commit
/// (store::CommitBatch::lost_track). What was learnt from commits is read anew, and nobody is
/// served meanwhile.
struct LostTrack {
  store::Seq last;
};

/// Writer -> worker: an operation was committed or refused. Comes behind its Changed, which every worker has by then.
struct OperationDone {
  std::shared_ptr<Errand> errand;
  std::expected<std::vector<store::StoredEvent>, std::string> outcome;
};

using WorkerMessage = std::variant<Changed, Settled, LostTrack, OperationDone>;

}  // namespace relay
