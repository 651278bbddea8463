#include "app/front_desk.h"

#include <utility>

namespace app {

FrontDesk::FrontDesk(config::Config config, relay::Extensions extensions)
    : config_(std::move(config)),
      extensions_(std::move(extensions)),
      page_(std::make_shared<base::Published<FrontPage>>(current())) {}

void FrontDesk::configure(const config::Config& config) {
  const std::lock_guard lock(mutex_);
  config_ = config;
  page_->set(current());
}

void FrontDesk::announce(const extensions::management::Announcement& announcement) {
  const std::lock_guard lock(mutex_);
  announcement_ = announcement;
  page_->set(current());
}

FrontPage FrontDesk::current() const {
  config::Config said = config_;
  const auto replace = [](std::string& configured, const std::string& announced) {
    if (!announced.empty()) configured = announced;
  };
  replace(said.info.name, announcement_.name);
  replace(said.info.description, announcement_.description);
  replace(said.info.icon, announcement_.icon);
  return front_page(said, extensions_);
}

}  // namespace app
