#include "store/firestore/listener.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <mutex>
#include <optional>
#include <utility>

#include "store/backoff.h"
#include "store/firestore/channels.h"
#include "store/firestore/listen_stream.h"

namespace store::firestore {
namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds first_pause{50}, most_pause{5000};

bool is_of_target(const v1::DocumentChange& change) {
  return std::ranges::find(change.target_ids(), ListenStream::target) != change.target_ids().end();
}

/// As of the bill: a deletion costs nothing, a document that leaves the result does.
bool is_billed(const v1::ListenResponse& response) {
  return response.has_document_change() || response.has_document_remove();
}

}  // namespace

/// What the coroutine on the executor and the listener own together.
class Listener::State {
 public:
  using Self = std::shared_ptr<State>;

  State(const Client& client, asio::any_io_executor executor, Options options)
      : channels_(client.channels()),
        options_(options),
        executor_(std::move(executor)),
        pause_(executor_),
        renewal_(executor_) {}

  void start(const Self& self, Callbacks callbacks) {
    callbacks_ = std::move(callbacks);
    asio::co_spawn(executor_, keep_listening(self), asio::detached);
  }

  void stop(const Self& self) {
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(stopped_, true)) return;
      callbacks_ = {};
      if (stream_) stream_->release();
    }
    under_way_->close();
    asio::post(executor_, [self] { self->cancel_timers(); });
  }

 private:
  using Clock = std::chrono::steady_clock;
  enum class End { lost, due };

  static asio::awaitable<void> keep_listening(Self self) {
    Backoff backoff(first_pause, most_pause);
    while (const auto stream = self->open()) {
      const End end = co_await listen(self, stream);
      stream->release();
      if (end == End::due) continue;
      if (self->listened() >= most_pause) backoff.reset();
      self->tell_state(false);
      if (self->is_stopped()) break;
      self->pause_.expires_after(backoff.next());
      co_await self->pause_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    self->cancel_timers();
  }

  static asio::awaitable<End> listen(Self self, std::shared_ptr<ListenStream> stream) {
    self->current_since_.reset();
    self->documents_ = 0;
    self->renew_later(self, stream);
    while (co_await ListenStream::next(stream)) {
      if (const auto end = self->take(stream->response())) co_return *end;
    }
    co_return self->due_ ? End::due : End::lost;
  }

  std::shared_ptr<ListenStream> open() {
    const std::lock_guard lock(mutex_);
    if (stopped_) return nullptr;
    return stream_ = ListenStream::open(*channels_, under_way_, callbacks_.make_query());
  }

  void renew_later(const Self& self, const std::shared_ptr<ListenStream>& stream) {
    due_ = false;
    renewal_.expires_after(options_.renew_after);
    renewal_.async_wait([self, stream](boost::system::error_code cancelled) {
      if (cancelled || self->stream_ != stream) return;
      self->due_ = true;
      stream->release();
    });
  }

  [[nodiscard]] std::optional<End> take(v1::ListenResponse& response) {
    if (is_billed(response)) channels_->bill({.reads = 1});
    if (response.has_document_change()) take_document(*response.mutable_document_change());
    switch (response.target_change().target_change_type()) {
      case v1::TargetChange::RESET:
      case v1::TargetChange::REMOVE:
        return End::lost;
      case v1::TargetChange::CURRENT:
        if (!current_since_) current_since_ = Clock::now();
        tell_state(true);
        break;
      default:
        break;
    }
    if (documents_ >= options_.renew_after_documents) return End::due;
    return std::nullopt;
  }

  /// Counts those that follow the first result: were that counted as well, one that is as large as
  /// the limit would come again and again.
  void take_document(v1::DocumentChange& change) {
    if (!is_of_target(change)) return;
    if (current_since_) ++documents_;
    tell([&](const Callbacks& callbacks) {
      callbacks.on_document(std::move(*change.mutable_document()));
    });
  }

  void tell_state(bool listening) {
    if (std::exchange(listening_, listening) == listening) return;
    tell([&](const Callbacks& callbacks) { callbacks.on_state(listening); });
  }

  /// stop() waits for the end of it.
  template <class Tell>
  void tell(Tell tell) {
    const std::lock_guard lock(mutex_);
    if (!stopped_) tell(callbacks_);
  }

  [[nodiscard]] bool is_stopped() {
    const std::lock_guard lock(mutex_);
    return stopped_;
  }

  [[nodiscard]] Clock::duration listened() const {
    return current_since_ ? Clock::now() - *current_since_ : Clock::duration::zero();
  }

  void cancel_timers() {
    pause_.cancel();
    renewal_.cancel();
  }

  const std::shared_ptr<Channels> channels_;
  const std::shared_ptr<UnderWay> under_way_ = std::make_shared<UnderWay>();
  const Options options_;

  // Used on the executor alone.
  asio::any_io_executor executor_;
  asio::steady_timer pause_, renewal_;
  bool due_ = false;  // the stream was ended to be renewed
  bool listening_ = false;
  std::size_t documents_ = 0;
  std::optional<Clock::time_point> current_since_{};

  std::mutex mutex_;
  Callbacks callbacks_;  // guarded by mutex_, as what follows
  bool stopped_ = false;
  std::shared_ptr<ListenStream> stream_;  // changed on the executor alone
};

Listener::Listener(const Client& client, asio::any_io_executor executor, Options options)
    : state_(std::make_shared<State>(client, std::move(executor), options)) {}

Listener::~Listener() { stop(); }

void Listener::start(Callbacks callbacks) { state_->start(state_, std::move(callbacks)); }

void Listener::stop() { state_->stop(state_); }

}  // namespace store::firestore
