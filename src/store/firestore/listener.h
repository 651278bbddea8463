#pragma once
// Hears of new documents.
#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include "store/firestore/client.h"

namespace store::firestore {

/// Keeps one Listen stream with one query open, and opens it again by itself, with the query made
/// anew: when it was lost or refused, when the server sends RESET or takes the target back (all
/// after a pause with jitter, 50 ms to 5 s, short again once it has listened for that long), and
/// after so many new documents or so long that its result would grow large. Documents may come
/// twice and in any order, so the query is to leave out what is known and nothing else: "n > mark",
/// where all up to the mark has come. Then none is missed.
///
/// start() on any thread; stop() as well, but not in a callback.
class Listener {
 public:
  struct Options {
    std::size_t renew_after_documents = 10'000;
    std::chrono::milliseconds renew_after = std::chrono::minutes(10);
  };
  /// All are called on the executor, one at a time.
  struct Callbacks {
    std::function<v1::StructuredQuery()> make_query{};  ///< before each opening
    std::function<void(v1::Document)> on_document{};  ///< of the result, at first and when changed
    /// true: all of the result has come, what is committed from now on will come; after that, false:
    /// the stream is lost. A renewal is not told.
    std::function<void(bool listening)> on_state{};
  };

  /// REQUIRES: one thread at a time runs the executor.
  Listener(const Client& client, boost::asio::any_io_executor executor, Options options);
  Listener(const Client& client, boost::asio::any_io_executor executor)
      : Listener(client, std::move(executor), Options()) {}
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();  ///< stop()

  /// REQUIRES: the first call.
  void start(Callbacks callbacks);
  /// Returns when no callback is under way and gRPC has let go of the stream; from then on none is
  /// called and nothing is posted, though the executor may still hold what was. REQUIRES: the
  /// executor is there yet, but need not run. Again: does nothing.
  void stop();

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace store::firestore
