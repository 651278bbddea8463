#pragma once
#include <grpcpp/grpcpp.h>

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "fake_firestore/database.h"

namespace fake_firestore {

using Reactor = grpc::ServerBidiReactor<v1::ListenRequest, v1::ListenResponse>;

/// One Listen call. Asks its targets for more only when everything is written: a slow reader gets
/// larger steps, not a longer queue. Thread-safe; keeps itself until gRPC is done with it.
class ListenStream final : public Reactor {
 public:
  [[nodiscard]] static std::shared_ptr<ListenStream> open(Database& database);

  /// Something was committed.
  void wake();
  void reset();
  void heartbeat();
  /// After what is being written.
  void end(grpc::Status status);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  explicit ListenStream(Database& database)
      : database_(database), targets_(database.new_targets()) {}

  // With the mutex held:
  void send(Responses responses);
  void write_next();
  void finish(grpc::Status status);

  Database& database_;
  std::mutex mutex_;
  Targets targets_;
  v1::ListenRequest request_;
  std::deque<v1::ListenResponse> unsent_;  // the first is being written
  std::optional<grpc::Status> end_;        // once it is written
  bool finished_ = false;
  std::shared_ptr<ListenStream> self_;
};

/// All of them. Thread-safe.
class ListenStreams {
 public:
  [[nodiscard]] std::shared_ptr<ListenStream> open(Database& database);
  [[nodiscard]] std::vector<std::shared_ptr<ListenStream>> all();

 private:
  std::mutex mutex_;
  std::vector<std::weak_ptr<ListenStream>> streams_;
};

}  // namespace fake_firestore
