#pragma once
#include <functional>
#include <vector>

#include "relay/messages.h"

namespace relay {

/// Tells every worker of commits, in their order: what other instances did (CommitBatch::before)
/// before the commit that brought it. Used by the writer's thread.
class Announcer {
 public:
  /// Hands a message to a worker's inbox, waiting while it is full. Thread-safe.
  using ToWorker = std::function<void(std::size_t worker, WorkerMessage)>;
  /// By worker.
  using Answers = std::vector<std::vector<Answer>>;

  void start(std::size_t workers, ToWorker to_worker);
  /// Room for the answers of one commit.
  [[nodiscard]] Answers answers() const { return Answers(workers_); }

  /// That rows have changed, before anyone learns of the commit by settle() or answer(). Whatever
  /// was committed, if only that something was erased: what is read from the store is shown once
  /// every commit in it was announced.
  void change(const BatchPtr& batch);
  /// change(), and then that all of it is done.
  void settle(const BatchPtr& batch, Answers answers);
  void settle(const BatchPtr& batch) { settle(batch, answers()); }
  void answer(std::size_t worker, OperationDone done) { to_worker_(worker, std::move(done)); }

 private:
  void tell_all(const auto& message);

  ToWorker to_worker_;
  std::size_t workers_ = 0;
  store::Seq announced_ = 0;
};

}  // namespace relay
