#pragma once
#include <algorithm>
#include <array>
#include <boost/intrusive/list.hpp>
#include <cstddef>
#include <cstdint>

namespace net {

using Tick = std::uint32_t;

/// A connection, as the timing wheel and the end of the server see it. Leaves the wheel when it is
/// destroyed.
class Watched : public boost::intrusive::list_base_hook<
                    boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  virtual ~Watched() = default;
  /// Its time has come and it is not in the wheel any more: file it again, or close it.
  virtual void on_tick() = 0;
  /// End politely: finish what is being sent, take nothing new. Idempotent.
  virtual void stop() = 0;
  /// End now.
  virtual void abort() = 0;
};

/// Coarse deadlines for many connections without a timer each: a connection stands in the slot of
/// the tick at which it is to be looked at, and is touched at no other. Not thread-safe; owns
/// nothing.
class Wheel {
 public:
  static constexpr Tick slots = 32;

  [[nodiscard]] Tick now() const { return now_; }

  /// Moves `watched` to the slot that comes after 1 <= ticks < slots.
  void file(Watched& watched, Tick ticks) {
    watched.unlink();
    slots_[(now_ + std::clamp<Tick>(ticks, 1, slots - 1)) % slots].push_back(watched);
  }

  /// One tick passes.
  void advance() {
    ++now_;
    drain(slots_[now_ % slots], [](Watched& watched) { watched.on_tick(); });
  }

  /// Stops those for which `pick()` says so; may be called again: a stop that is repeated must do
  /// nothing.
  template <typename Pick>
  void stop_some(Pick pick) {
    for (auto& slot : slots_) {
      Slot these;
      these.swap(slot);
      drain(these, [&](Watched& watched) {
        slot.push_back(watched);
        if (pick()) watched.stop();
      });
    }
  }

  void stop_all() {
    Slot all;
    for (auto& slot : slots_) all.splice(all.end(), slot);
    drain(all, [this](Watched& watched) {
      file(watched, 1);
      watched.stop();
    });
  }

  void abort_all() {
    for (auto& slot : slots_) drain(slot, [](Watched& watched) { watched.abort(); });
  }

 private:
  using Slot = boost::intrusive::list<Watched, boost::intrusive::constant_time_size<false>>;

  /// Takes each one out before it is called: what is called may destroy it, or file it again.
  template <typename Call>
  static void drain(Slot& slot, Call call) {
    while (!slot.empty()) {
      Watched& first = slot.front();
      slot.pop_front();
      call(first);
    }
  }

  std::array<Slot, slots> slots_;
  Tick now_ = 0;
};

}  // namespace net
