#include "store/fetched/loop.h"

#include <boost/asio/post.hpp>
#include <future>
#include <utility>

namespace store::fetched {

Loop::Loop() : thread_([this] { context_.run(); }) {}

Loop::~Loop() {
  context_.stop();
  thread_.join();
}

void Loop::run_now(const std::function<void()>& work) {
  if (executor().running_in_this_thread()) return work();
  std::packaged_task<void()> task(work);
  auto done = task.get_future();
  boost::asio::post(context_, std::move(task));
  done.get();
}

}  // namespace store::fetched
