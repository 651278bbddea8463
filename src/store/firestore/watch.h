#pragma once
// Hears that other instances have committed.
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "store/fetched/loop.h"
#include "store/firestore/chain.h"
#include "store/firestore/client.h"
#include "store/firestore/listener.h"

namespace store::firestore {

/// Listens for commits behind the newest one that is known, and tells the chain of those that come. `wake` is called on the
/// loop's thread: for each that is news, when listening began or ended, and every `interval`.
///
/// Made and destroyed on one thread, not the loop's; outlived by the loop and the client.
class Watch {
 public:
  struct Options {
    std::chrono::milliseconds interval{4000};
  };

  Watch(fetched::Loop& loop, const Client& client, std::shared_ptr<Chain> chain,
        std::function<void()> wake, Options options);
  Watch(fetched::Loop& loop, const Client& client, std::shared_ptr<Chain> chain,
        std::function<void()> wake)
      : Watch(loop, client, std::move(chain), std::move(wake), Options()) {}
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  /// From then on `wake` is not called.
  ~Watch();

  /// There may be more.
  void wake();

 private:
  struct State;
  fetched::Loop& loop_;
  const std::shared_ptr<State> state_;
  Listener listener_;
};

}  // namespace store::firestore
