#pragma once
// From gRPC's callbacks to coroutines.
#include <grpcpp/client_context.h>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <utility>

namespace store::firestore {

/// Called once, on any thread: posts to the executor of who waits. Refers to that executor until it
/// is destroyed.
template <class T>
using Completion = std::move_only_function<void(T)>;

/// As of an asynchronous operation of Asio: a cancellation cancels the call.
template <class T, class Handler>
[[nodiscard]] Completion<T> completion_of(Handler handler,
                                          std::weak_ptr<grpc::ClientContext> call) {
  namespace asio = boost::asio;
  auto slot = asio::get_associated_cancellation_slot(handler);
  if (slot.is_connected())
    slot.assign([call = std::move(call)](asio::cancellation_type) {
      if (const auto context = call.lock()) context->TryCancel();
    });
  auto executor = asio::prefer(asio::get_associated_executor(handler),
                               asio::execution::outstanding_work.tracked);
  return [handler = std::move(handler), slot, executor](T value) mutable {
    auto resume = [handler = std::move(handler), slot, value = std::move(value)]() mutable {
      slot.clear();
      std::move(handler)(std::move(value));
    };
    asio::post(executor, std::move(resume));
  };
}

/// Calls start(Completion<T>) and waits for the completion.
template <class T, class Start>
[[nodiscard]] boost::asio::awaitable<T> completed(std::shared_ptr<grpc::ClientContext> call,
                                                  Start start) {
  namespace asio = boost::asio;
  auto initiate = [call = std::move(call), start = std::move(start)](auto handler) mutable {
    start(completion_of<T>(std::move(handler), call));
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(T)>(
      std::move(initiate), asio::use_awaitable);
}

}  // namespace store::firestore
