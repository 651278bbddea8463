#pragma once
// One stream of the method Listen.
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <mutex>

#include "store/firestore/call.h"
#include "store/firestore/channels.h"

namespace store::firestore {

/// With one target. gRPC owns it as well until it is over. Reading is for one thread.
class ListenStream final
    : public Call<grpc::ClientBidiReactor<v1::ListenRequest, v1::ListenResponse>,
                  v1::ListenRequest> {
 public:
  static constexpr int target = 1;

  /// Null: nothing begins any more. Whoever opened it is to release() it.
  [[nodiscard]] static std::shared_ptr<ListenStream> open(Channels& channels,
                                                          std::shared_ptr<UnderWay> under_way,
                                                          v1::StructuredQuery query);

  /// Waits for the next response. False: there is none, the stream is over.
  [[nodiscard]] static boost::asio::awaitable<bool> next(std::shared_ptr<ListenStream> stream);
  [[nodiscard]] v1::ListenResponse& response() { return response_; }

  /// Cancels it: it reads nothing more. On any thread, at any time.
  void release();

 private:
  void read(Completion<bool> told);
  void OnReadDone(bool ok) override;

  v1::ListenResponse response_;
  std::mutex mutex_;
  Completion<bool> told_;  // guarded by mutex_, as what follows; empty: nobody reads
  bool released_ = false;
};

}  // namespace store::firestore
