#include "store/firestore/chain.h"

#include <utility>

namespace store::firestore {

CommitPtr Chain::newest() const {
  const std::lock_guard lock(mutex_);
  return newest_;
}

bool Chain::learn(Commit commit) {
  return learn(std::make_shared<const Commit>(std::move(commit)));
}

bool Chain::learn(CommitPtr commit) {
  const std::lock_guard lock(mutex_);
  if (commit->slot <= newest_->slot) return false;
  const bool news = commit->token != own_token_;
  keep(commit);
  if (commit->slot == newest_->slot + 1) newest_ = std::move(commit);
  // What came early follows now.
  for (auto next = kept_.find(newest_->slot + 1);
       next != kept_.end() && next->first == newest_->slot + 1; ++next)
    newest_ = next->second;
  return news;
}

void Chain::expect(std::string token) {
  const std::lock_guard lock(mutex_);
  own_token_ = std::move(token);
}

void Chain::restart(CommitPtr newest) {
  const std::lock_guard lock(mutex_);
  newest_ = std::move(newest);
  kept_.clear();
  kept_bytes_ = 0;
}

std::shared_ptr<const Commit> Chain::find(std::uint64_t slot) const {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(slot);
  return found == kept_.end() ? nullptr : found->second;
}

void Chain::forget_until(std::uint64_t slot) {
  const std::lock_guard lock(mutex_);
  while (!kept_.empty() && kept_.begin()->first <= slot) {
    kept_bytes_ -= kept_.begin()->second->body.size();
    kept_.erase(kept_.begin());
  }
}

void Chain::keep(const CommitPtr& commit) {
  if (kept_.size() >= max_kept || kept_bytes_ + commit->body.size() > max_kept_bytes) return;
  if (kept_.emplace(commit->slot, commit).second) kept_bytes_ += commit->body.size();
}

}  // namespace store::firestore
