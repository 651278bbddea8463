#pragma once
#include <memory>
#include <mutex>

#include "app/routes.h"
#include "extensions/management/standing.h"

namespace app {

/// Keeps the front page as it is to be: what is configured, with what an operator has changed of it since. The one place
/// where the two meet. Thread-safe.
class FrontDesk {
 public:
  FrontDesk(Settings settings, relay::Extensions extensions);

  /// A reload.
  void configure(const Settings& settings);
  /// NIP-86. What an announcement leaves empty is as configured.
  void announce(const extensions::management::Announcement& announcement);

  [[nodiscard]] const std::shared_ptr<base::Published<FrontPage>>& page() const { return page_; }

 private:
  /// As it is to be now. REQUIRES: mutex_ is held, or nobody else knows this yet.
  [[nodiscard]] FrontPage current() const;

  std::mutex mutex_;
  Settings settings_;                                  // guarded by mutex_
  extensions::management::Announcement announcement_;  // guarded by mutex_
  const relay::Extensions extensions_;
  const std::shared_ptr<base::Published<FrontPage>> page_;
};

}  // namespace app
