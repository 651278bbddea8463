#include "relay/announcer.h"

#include <algorithm>
#include <utility>

namespace relay {

void Announcer::start(std::size_t workers, ToWorker to_worker) {
  workers_ = workers;
  to_worker_ = std::move(to_worker);
}

void Announcer::tell_all(const auto& message) {
  for (std::size_t worker = 0; worker < workers_; ++worker) to_worker_(worker, message);
}

void Announcer::change(const BatchPtr& batch) {
  if (batch->lost_track) {
    announced_ = batch->last;
    tell_all(LostTrack{batch->last});
  }
  for (const BatchPtr& other : batch->before) settle(other);
  if (batch->changes.empty() && batch->events.empty() && batch->last <= announced_) return;
  announced_ = std::max(announced_, batch->last);
  tell_all(Changed{batch});
}

void Announcer::settle(const BatchPtr& batch, Answers answers) {
  change(batch);
  for (std::size_t worker = 0; worker < workers_; ++worker) {
    if (!batch->events.empty() || !answers[worker].empty())
      to_worker_(worker, Settled{batch, std::move(answers[worker])});
  }
}

}  // namespace relay
