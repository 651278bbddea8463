#include "store/firestore/watch.h"

#include <boost/asio/post.hpp>

#include "store/firestore/queries.h"

namespace store::firestore {

/// Of the loop's thread.
struct Watch::State {
  const std::shared_ptr<Chain> chain;
  std::function<void()> wake;  // empty: stopped
  const std::chrono::milliseconds interval;
  boost::asio::steady_timer timer;

  void call() const {
    if (wake) wake();
  }

  void hear(const v1::Document& document) const {
    // What cannot be read is found out by who reads it.
    auto commit = commit_in(document);
    if (commit && chain->learn(*std::move(commit))) call();
  }

  static void tick(const std::shared_ptr<State>& self) {
    if (!self->wake) return;
    self->wake();
    self->timer.expires_after(self->interval);
    self->timer.async_wait([self](boost::system::error_code error) {
      if (!error) tick(self);
    });
  }
};

Watch::Watch(fetched::Loop& loop, const Client& client, std::shared_ptr<Chain> chain,
             std::function<void()> wake, Options options)
    : loop_(loop),
      state_(std::make_shared<State>(std::move(chain), std::move(wake), options.interval,
                                     boost::asio::steady_timer(loop.executor()))),
      listener_(client, loop.executor()) {
  listener_.start(
      {.make_query = [state = state_] { return commits_behind(state->chain->newest()->slot); },
       .on_document = [state = state_](v1::Document document) { state->hear(document); },
       .on_state = [state = state_](bool) { state->call(); }});
  boost::asio::post(loop_.executor(), [state = state_] { State::tick(state); });
}

Watch::~Watch() {
  listener_.stop();
  loop_.run_now([this] {
    state_->wake = nullptr;
    state_->timer.cancel();
  });
}

void Watch::wake() {
  boost::asio::post(loop_.executor(), [state = state_] { state->call(); });
}

}  // namespace store::firestore
