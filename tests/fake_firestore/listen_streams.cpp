#include "fake_firestore/listen_streams.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace fake_firestore {

std::shared_ptr<ListenStream> ListenStream::open(Database& database) {
  std::shared_ptr<ListenStream> stream(new ListenStream(database));
  stream->self_ = stream;
  // Holds no lock: nothing else knows of the stream.
  stream->StartRead(&stream->request_);
  return stream;
}

void ListenStream::send(Responses responses) {
  if (finished_ || end_) return;
  const bool idle = unsent_.empty();
  std::ranges::move(responses, std::back_inserter(unsent_));
  if (idle) write_next();
}

void ListenStream::write_next() {
  if (!unsent_.empty()) {
    StartWrite(&unsent_.front());
  } else if (end_) {
    finish(*end_);
  }
}

void ListenStream::finish(grpc::Status status) {
  if (std::exchange(finished_, true)) return;
  Finish(std::move(status));
}

void ListenStream::wake() {
  const std::lock_guard lock(mutex_);
  if (unsent_.empty())
    send(database_.with(targets_, [](Targets& targets) { return targets.catch_up(); }));
}

void ListenStream::reset() {
  const std::lock_guard lock(mutex_);
  send(database_.with(targets_, [](Targets& targets) { return targets.reset(); }));
}

void ListenStream::heartbeat() {
  const std::lock_guard lock(mutex_);
  send(database_.with(targets_, [](Targets& targets) { return targets.heartbeat(); }));
}

void ListenStream::end(grpc::Status status) {
  const std::lock_guard lock(mutex_);
  if (end_) return;
  end_ = std::move(status);
  if (unsent_.size() > 1) unsent_.resize(1);
  if (unsent_.empty()) finish(*end_);
}

void ListenStream::OnReadDone(bool ok) {
  if (!ok) return end(grpc::Status::OK);
  std::unique_lock lock(mutex_);
  auto responses =
      database_.with(targets_, [&](Targets& targets) { return targets.request(request_); });
  if (!responses) {
    lock.unlock();
    return end({static_cast<grpc::StatusCode>(responses.error().code), responses.error().message});
  }
  send(*std::move(responses));
  if (!finished_) StartRead(&request_);
}

void ListenStream::OnWriteDone(bool ok) {
  {
    const std::lock_guard lock(mutex_);
    unsent_.pop_front();
    if (!ok) unsent_.clear();
    write_next();
    if (!unsent_.empty()) return;
  }
  ok ? wake() : end(grpc::Status::CANCELLED);
}

void ListenStream::OnCancel() { end(grpc::Status::CANCELLED); }

void ListenStream::OnDone() { const auto last = std::move(self_); }

std::shared_ptr<ListenStream> ListenStreams::open(Database& database) {
  auto stream = ListenStream::open(database);
  const std::lock_guard lock(mutex_);
  std::erase_if(streams_, [](const auto& known) { return known.expired(); });
  streams_.push_back(stream);
  return stream;
}

std::vector<std::shared_ptr<ListenStream>> ListenStreams::all() {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<ListenStream>> open;
  for (const auto& known : streams_)
    if (auto stream = known.lock()) open.push_back(std::move(stream));
  return open;
}

}  // namespace fake_firestore
