#pragma once
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "extensions/write_policy/child_process.h"

namespace extensions::write_policy {

/// A running plugin: lines go in, lines come out. Confined to the thread of its io_context.
class PluginProcess : public std::enable_shared_from_this<PluginProcess> {
 public:
  /// Called from the loop, never from within a call of PluginProcess.
  struct Events {
    std::function<void(std::string_view line)> said;        ///< on its standard output
    std::function<void(std::string_view line)> complained;  ///< on its standard error
    std::function<void()> failed;  ///< it ended, hung up, or said a line that never ends; once
  };

  [[nodiscard]] static std::expected<std::shared_ptr<PluginProcess>, std::string> start(
      boost::asio::io_context& io, const std::string& command, Events events);

  /// Whole lines, with their newlines; kept until the plugin reads them.
  void write(std::string_view lines);
  /// Ends it, with `signal` first (0: none), and calls nothing any more. Says how it ended.
  std::string end(int signal);

 private:
  using Stream = boost::asio::posix::stream_descriptor;
  /// One of the two streams that come out.
  struct Output {
    Stream stream;
    std::array<char, 16 * 1024> chunk{};
    std::string line{};  ///< its beginning
  };

  PluginProcess(boost::asio::io_context& io, ChildProcess child, Events events);
  void flush();
  void read(Output& output, bool errors);
  void take(Output& output, std::string_view text, bool errors);
  void fail();

  ChildProcess child_;
  Stream input_;
  Output output_, errors_;
  std::string writing_, unwritten_;
  Events events_;
  bool ended_ = false;
};

}  // namespace extensions::write_policy
