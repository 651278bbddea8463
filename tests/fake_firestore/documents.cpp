#include "fake_firestore/documents.h"

#include <algorithm>
#include <ranges>

namespace fake_firestore {

namespace {

constexpr Micros second = 1'000'000;

}  // namespace

google::protobuf::Timestamp timestamp_of(Micros time) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(time / second);
  timestamp.set_nanos(static_cast<std::int32_t>(time % second * 1000));
  return timestamp;
}

Micros micros_of(const google::protobuf::Timestamp& time) {
  return time.seconds() * second + time.nanos() / 1000;
}

Micros Documents::tick() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const Micros time = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  last_tick_ = std::max(last_tick_ + 1, time);
  return last_tick_;
}

void Documents::commit(Changes changes, Micros at) {
  if (changes.empty()) return;
  for (auto& [name, document] : changes) {
    versions_[name].push_back({.at = at, .document = std::move(document)});
    log_.emplace_back(at, name);
  }
  newest_ = at;
  while (log_.size() > history_) forget_oldest();
}

void Documents::forget_oldest() {
  const auto [at, name] = std::move(log_.front());
  log_.pop_front();
  oldest_ = at;
  const auto found = versions_.find(name);
  Versions& versions = found->second;
  while (versions.front().at < at) versions.pop_front();
  if (versions.size() == 1 && !versions.front().document) versions_.erase(found);
}

Document Documents::version(const Versions& versions, Micros at) {
  const auto later = std::ranges::upper_bound(versions, at, {}, &Version::at);
  return later == versions.begin() ? nullptr : std::prev(later)->document;
}

Document Documents::find(std::string_view name, Micros at) const {
  const auto found = versions_.find(name);
  return found == versions_.end() ? nullptr : version(found->second, at);
}

std::vector<Document> Documents::starting_with(std::string_view prefix, Micros at) const {
  std::vector<Document> found;
  for (auto next = versions_.lower_bound(prefix);
       next != versions_.end() && next->first.starts_with(prefix); ++next)
    if (auto document = version(next->second, at)) found.push_back(std::move(document));
  return found;
}

std::set<std::string> Documents::changed(Micros after, Micros until) const {
  using Entry = std::pair<Micros, std::string>;
  const auto begin = std::ranges::upper_bound(log_, after, {}, &Entry::first);
  const auto end = std::ranges::upper_bound(log_, until, {}, &Entry::first);
  std::set<std::string> names;
  for (auto next = begin; next < end; ++next) names.insert(next->second);
  return names;
}

}  // namespace fake_firestore
