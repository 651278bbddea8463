#include "app/front_desk.h"

#include <utility>

namespace app {

FrontDesk::FrontDesk(Settings settings, relay::Extensions extensions)
    : settings_(std::move(settings)),
      extensions_(std::move(extensions)),
      page_(std::make_shared<base::Published<FrontPage>>(current())) {}

void FrontDesk::configure(const Settings& settings) {
  const std::lock_guard lock(mutex_);
  settings_ = settings;
  page_->set(current());
}

void FrontDesk::announce(const extensions::management::Announcement& announcement) {
  const std::lock_guard lock(mutex_);
  announcement_ = announcement;
  page_->set(current());
}

FrontPage FrontDesk::current() const {
  Settings said = settings_;
  const auto replace = [](std::string& configured, const std::string& announced) {
    if (!announced.empty()) configured = announced;
  };
  replace(said.core.info.name, announcement_.name);
  replace(said.core.info.description, announcement_.description);
  replace(said.core.info.icon, announcement_.icon);
  return front_page(said, extensions_);
}

}  // namespace app
