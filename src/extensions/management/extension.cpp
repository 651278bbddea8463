#include "extensions/management/extension.h"

#include <algorithm>
#include <utility>

#include "extensions/management/management_worker.h"

namespace extensions::management {
namespace {

constexpr auto event_is_banned = "blocked: the operator has removed this event from this relay";

/// The rows of bans that speak of this write's people.
std::vector<std::string> ban_keys(const store::Write& write) {
  std::vector<std::string> keys = {row_key(List::banned_keys, write.event->pubkey.view())};
  for (const auto& key : write.viewer->keys) {
    if (key != write.event->pubkey) keys.push_back(row_key(List::banned_keys, key.view()));
  }
  return keys;
}

}  // namespace

void Board::tell(Tell tell) {
  const std::lock_guard lock(mutex_);
  tell_ = std::move(tell);
  tell_(*current_.get());
}

void Board::post(store::Seq at, const Announcement& announcement) {
  const std::lock_guard lock(mutex_);
  if (at < at_) return;
  at_ = at;
  put_up(announcement);
}

void Board::begin(store::Seq at, const Announcement& announcement) {
  const std::lock_guard lock(mutex_);
  at_ = at;
  put_up(announcement);
}

void Board::put_up(const Announcement& announcement) {
  if (*current_.get() == announcement) return;
  current_.set(announcement);
  tell_(announcement);
}

Management::Management(Config config, base::Log log)
    : config_(std::move(config)), log_(std::move(log)) {}

relay::Phases Management::phases() const {
  using enum relay::Phase;
  return check_connection | on_auth | check_event | check_write | stage_write | on_commit |
         may_read | may_give;
}

std::vector<int> Management::nips() const {
  return config_.get()->admin_keys.empty() ? std::vector<int>{} : std::vector{86};
}

bool Management::restricts_writes() const { return board_->current()->restricts_writes; }

std::unique_ptr<relay::WorkerExtension> Management::attach(relay::WorkerServices services) const {
  return std::make_unique<ManagementWorker>(config_, *board_, std::move(services), log_);
}

void Management::reads(const store::Write& write, store::Reads& reads) const {
  reads.keys.push_back(row_key(List::banned_events, write.event->id.view()));
  std::ranges::move(ban_keys(write), std::back_inserter(reads.keys));
}

std::expected<store::Staged, store::Refusal> Management::stage(const store::Write& write,
                                                               const store::RowView& rows) const {
  if (rows.get(row_key(List::banned_events, write.event->id.view())))
    return std::unexpected(store::Refusal{event_is_banned});
  const auto banned = [&](const std::string& key) { return rows.get(key).has_value(); };
  if (std::ranges::any_of(ban_keys(write), banned))
    return std::unexpected(store::Refusal{std::string(relay::key_is_denied)});
  return store::Staged{};
}

}  // namespace extensions::management
