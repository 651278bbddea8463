#include "store/firestore/under_way.h"

#include <utility>

namespace store::firestore {

std::optional<UnderWay::Id> UnderWay::enter(std::weak_ptr<grpc::ClientContext> call) {
  const std::lock_guard lock(mutex_);
  if (closed_) return std::nullopt;
  calls_.emplace(next_, std::move(call));
  return next_++;
}

void UnderWay::leave(Id id) {
  const std::lock_guard lock(mutex_);
  calls_.erase(id);
  left_.notify_all();
}

bool UnderWay::is_closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

void UnderWay::close() {
  std::unique_lock lock(mutex_);
  closed_ = true;
  for (const auto& [id, call] : calls_)
    if (const auto context = call.lock()) context->TryCancel();
  left_.wait(lock, [this] { return calls_.empty(); });
}

}  // namespace store::firestore
