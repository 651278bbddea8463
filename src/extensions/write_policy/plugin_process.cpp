#include "extensions/write_policy/plugin_process.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace extensions::write_policy {
namespace {

constexpr std::size_t max_line_bytes = 64 * 1024;

}  // namespace

std::expected<std::shared_ptr<PluginProcess>, std::string> PluginProcess::start(
    boost::asio::io_context& io, const std::string& command, Events events) {
  auto child = ChildProcess::start(command);
  if (!child) return std::unexpected(std::move(child.error()));
  std::shared_ptr<PluginProcess> process(
      new PluginProcess(io, *std::move(child), std::move(events)));
  process->read(process->output_, false);
  process->read(process->errors_, true);
  return process;
}

PluginProcess::PluginProcess(boost::asio::io_context& io, ChildProcess child, Events events)
    : child_(std::move(child)),
      input_(io, child_.input),
      output_{Stream(io, child_.output)},
      errors_{Stream(io, child_.errors)},
      events_(std::move(events)) {}

void PluginProcess::write(std::string_view lines) {
  unwritten_ += lines;
  if (writing_.empty()) flush();
}

void PluginProcess::flush() {
  writing_ = std::exchange(unwritten_, {});
  if (writing_.empty()) return;
  boost::asio::async_write(
      input_, boost::asio::buffer(writing_),
      [self = shared_from_this()](boost::system::error_code error, std::size_t) {
        if (self->ended_) return;
        self->writing_.clear();
        error ? self->fail() : self->flush();
      });
}

void PluginProcess::read(Output& output, bool errors) {
  output.stream.async_read_some(boost::asio::buffer(output.chunk),
                                [self = shared_from_this(), &output, errors](
                                    boost::system::error_code error, std::size_t size) {
                                  if (self->ended_) return;
                                  if (!error)
                                    self->take(output, {output.chunk.data(), size}, errors);
                                  if (self->ended_) return;
                                  if (!error) return self->read(output, errors);
                                  if (!errors) self->fail();
                                });
}

void PluginProcess::take(Output& output, std::string_view text, bool errors) {
  const auto& told = errors ? events_.complained : events_.said;
  for (auto end = text.find('\n'); end != text.npos && !ended_; end = text.find('\n')) {
    output.line += text.substr(0, end);
    text.remove_prefix(end + 1);
    told(std::exchange(output.line, {}));
  }
  if (ended_) return;
  output.line += text;
  if (output.line.size() <= max_line_bytes) return;
  output.line.clear();
  if (!errors) fail();
}

void PluginProcess::fail() {
  const auto failed = std::exchange(events_.failed, {});
  if (failed) failed();
}

std::string PluginProcess::end(int signal) {
  ended_ = true;
  boost::system::error_code ignored;
  input_.close(ignored);
  std::string how = child_.end(signal);
  output_.stream.close(ignored);
  errors_.stream.close(ignored);
  return how;
}

}  // namespace extensions::write_policy
