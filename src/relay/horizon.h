#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <cstdint>
#include <functional>
#include <optional>

#include "base/limits.h"
#include "store/rows.h"

namespace relay {

/// How far a worker knows the commits, and who waits until it knows more: what was read from the
/// store is judged by what the worker has learnt from commits, which must not be older. Confined to
/// its worker's thread.
class Horizon {
 public:
  /// `ask`: to hear of more soon; called for each wait. `limits` outlives it.
  Horizon(boost::asio::io_context& context, const base::Limits& limits, std::function<void()> ask);

  /// The last commit that was heard of; nullopt before the first.
  [[nodiscard]] std::optional<store::Seq> last() const { return last_; }
  [[nodiscard]] bool reaches(store::Seq commit) const { return last_.value_or(0) >= commit; }
  void advance(store::Seq commit);
  /// Waits for at most authorize_timeout_ms. False: not heard of by then, or what was known is lost
  /// meanwhile.
  [[nodiscard]] boost::asio::awaitable<bool> reach(store::Seq commit);

  /// What lies between the commits heard of and this one is not known
  /// (store::CommitBatch::lost_track): what was learnt from them does not hold until it was read
  /// anew.
  void lose(store::Seq commit);
  void regain() { lost_ = false; }
  [[nodiscard]] bool lost() const { return lost_; }
  /// How often that was. Whoever has learnt something before it differs, may not use it.
  [[nodiscard]] std::uint64_t losses() const { return losses_; }

  /// Nobody waits any more.
  void stop();

 private:
  struct Wait : boost::intrusive::list_base_hook<
                    boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    Wait(boost::asio::io_context& context, store::Seq for_commit)
        : timer(context), commit(for_commit) {}
    boost::asio::steady_timer timer;
    store::Seq commit;
  };

  void end_waits(store::Seq up_to);

  boost::asio::io_context& context_;
  const base::Limits& limits_;
  const std::function<void()> ask_;
  std::optional<store::Seq> last_;
  boost::intrusive::list<Wait, boost::intrusive::constant_time_size<false>> waits_;
  std::uint64_t losses_ = 0;
  bool lost_ = false;
  bool stopped_ = false;
};

}  // namespace relay
