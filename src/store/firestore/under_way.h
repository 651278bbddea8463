#pragma once
#include <grpcpp/client_context.h>

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

namespace store::firestore {

/// The calls that gRPC has not let go of, so that they can be waited for. Thread-safe.
class UnderWay {
 public:
  using Id = std::uint64_t;

  /// Nothing: closed; the call is not to be begun.
  [[nodiscard]] std::optional<Id> enter(std::weak_ptr<grpc::ClientContext> call);
  void leave(Id id);
  [[nodiscard]] bool is_closed() const;

  /// Cancels all and waits until they have left; none enters any more. REQUIRES: not called by a
  /// callback of gRPC.
  void close();

 private:
  mutable std::mutex mutex_;
  std::condition_variable left_;
  std::map<Id, std::weak_ptr<grpc::ClientContext>> calls_;  // guarded by mutex_, as what follows
  Id next_ = 0;
  bool closed_ = false;
};

}  // namespace store::firestore
