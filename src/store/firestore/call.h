#pragma once
// Calls of gRPC's callback API that end by themselves: one request, one status.
#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <utility>
#include <vector>

#include "store/firestore/completion.h"
#include "store/firestore/under_way.h"

namespace store::firestore {

/// The request, its response and its context: owned by the coroutine that waits and, until it is
/// done, by gRPC.
template <class Reactor, class RequestType>
class Call : public Reactor {
 public:
  using Request = RequestType;

  grpc::ClientContext context{};
  Request request{};

  /// False, and completed with CANCELLED: nothing begins any more.
  [[nodiscard]] bool begin(std::shared_ptr<Call> self, std::shared_ptr<UnderWay> under_way,
                           Completion<grpc::Status> done) {
    const auto id = under_way->enter(std::shared_ptr<grpc::ClientContext>(self, &self->context));
    if (!id) return done({grpc::StatusCode::CANCELLED, "the store is closed"}), false;
    id_ = *id;
    under_way_ = std::move(under_way);
    done_ = std::move(done);
    self_ = std::move(self);
    return true;
  }

 private:
  /// Leaves last: who waits for that may destroy executors and channels, and gRPC's own threads
  /// cannot destroy a channel.
  void OnDone(const grpc::Status& status) final {
    const auto under_way = std::move(under_way_);
    const auto id = id_;
    {
      const auto self = std::move(self_);
      auto done = std::move(done_);
      done(status);
    }
    under_way->leave(id);
  }

  std::shared_ptr<UnderWay> under_way_{};
  UnderWay::Id id_ = 0;
  Completion<grpc::Status> done_{};
  std::shared_ptr<Call> self_{};
};

template <class Request, class Response>
struct UnaryCall final : Call<grpc::ClientUnaryReactor, Request> {
  Response response{};
};

/// Keeps all that comes.
template <class Request, class Response>
struct StreamedCall final : Call<grpc::ClientReadReactor<Response>, Request> {
  std::vector<Response> responses{};

  void start() {
    this->StartRead(&next_);
    this->StartCall();
  }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) return;
    responses.push_back(std::exchange(next_, {}));
    this->StartRead(&next_);
  }

  Response next_{};
};

/// Begins the call with start(*call) and waits for its end.
template <class Called, class Start>
[[nodiscard]] boost::asio::awaitable<grpc::Status> ended(std::shared_ptr<Called> call,
                                                         std::shared_ptr<UnderWay> under_way,
                                                         Start start) {
  auto begin = [call, under_way = std::move(under_way), start](Completion<grpc::Status> done) {
    if (call->begin(call, under_way, std::move(done))) start(*call);
  };
  std::shared_ptr<grpc::ClientContext> context(call, &call->context);
  co_return co_await completed<grpc::Status>(std::move(context), std::move(begin));
}

}  // namespace store::firestore
