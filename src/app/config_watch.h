#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <filesystem>
#include <functional>
#include <string>

namespace app {

/// Tells when a configuration should be read again: on SIGHUP, and when its file is another one than before. Looks once a
/// second rather than waiting for notices of one folder, so that links to a folder that is replaced as a whole (ConfigMaps)
/// are followed too. Confined to the thread that runs `context`.
class ConfigWatch {
 public:
  ConfigWatch(boost::asio::io_context& context, std::string path, std::function<void()> on_change);

  /// Nothing is told any more, so that the context may run out of work.
  void stop();

 private:
  /// What tells one version of the file from another; a file that cannot be read is a version as well.
  struct Version {
    std::filesystem::file_time_type written{};
    std::uintmax_t size = 0;
    friend bool operator==(const Version&, const Version&) = default;
  };
  [[nodiscard]] Version look() const;
  void await_signal();
  void await_change();

  const std::string path_;
  const std::function<void()> on_change_;
  Version seen_;  // told of
  Version last_;  // looked at: a file that is still being written is not read
  boost::asio::signal_set hang_up_;
  boost::asio::steady_timer timer_;
};

}  // namespace app
