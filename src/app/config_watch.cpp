#include "app/config_watch.h"

#include <csignal>
#include <utility>

namespace app {

ConfigWatch::ConfigWatch(boost::asio::io_context& context, std::string path,
                         std::function<void()> on_change)
    : path_(std::move(path)),
      on_change_(std::move(on_change)),
      seen_(look()),
      last_(seen_),
      hang_up_(context, SIGHUP),
      timer_(context) {
  await_signal();
  await_change();
}

void ConfigWatch::stop() {
  hang_up_.cancel();
  timer_.cancel();
}

ConfigWatch::Version ConfigWatch::look() const {
  Version version;
  std::error_code missing;
  version.written = std::filesystem::last_write_time(path_, missing);
  version.size = std::filesystem::file_size(path_, missing);
  return version;
}

void ConfigWatch::await_signal() {
  hang_up_.async_wait([this](boost::system::error_code error, int) {
    if (error) return;
    seen_ = look();
    on_change_();
    await_signal();
  });
}

void ConfigWatch::await_change() {
  timer_.expires_after(std::chrono::seconds(1));
  timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    const Version version = look();
    const bool settled = version == std::exchange(last_, version);
    if (settled && version != seen_) {
      seen_ = version;
      on_change_();
    }
    await_change();
  });
}

}  // namespace app
