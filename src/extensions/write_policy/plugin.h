#pragma once
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "base/log.h"
#include "extensions/write_policy/config.h"
#include "extensions/write_policy/plugin_process.h"
#include "extensions/write_policy/plugin_protocol.h"

namespace extensions::write_policy {

/// The one plugin of the relay, on a thread of its own: plugins keep state, so all workers ask the
/// same process.
///
/// Several questions are with the plugin at a time, in the order in which they came; it may answer
/// in any. What it does not answer in time, or while it crashes, is denied with "error:". A plugin
/// that says nothing for that long while it is asked is killed. One that ended is started again, at
/// once if it ran for long, else ever later; one whose script or command has changed, when it has
/// answered what it was asked.
class Plugin {
 public:
  /// Called once, on any thread, soon after `timeout_ms` at the latest.
  using Answered = std::function<void(relay::Verdict)>;

  Plugin(Config config, base::Log log);
  /// Ends the process. Nobody may wait for an answer any more.
  ~Plugin();
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;

  /// Thread-safe, but not together with itself.
  void configure(Config config);
  /// `line` is a question_line() about the event `id`. Thread-safe. Full queue: denied with
  /// "error:".
  void ask(nostr::EventId id, std::string line, Answered answered);

 private:
  using Clock = std::chrono::steady_clock;
  /// What changes with a script: none of it is there where the command is no path.
  struct Script {
    std::uint64_t inode = 0;
    std::int64_t bytes = 0, changed_s = 0, changed_ns = 0;
    bool operator==(const Script&) const = default;
  };
  struct Question {
    nostr::EventId id;
    std::string line;
    Answered answered;  ///< empty once it was called
    std::size_t bytes;  ///< of the line
    Clock::time_point deadline{};
  };

  void give_back(std::size_t bytes);

  // All of this on the plugin's thread.
  void run();
  void accept(Question question);
  void pump();
  void start();
  void stop(int signal);
  [[nodiscard]] bool outdated() const;
  [[nodiscard]] static Script script_of(const std::string& command);
  void on_line(std::string_view line);
  void on_complaint(std::string_view line);
  void on_failed();
  void start_later();
  void sweep();
  void sweep_later();
  void answer(Question& question, relay::Verdict verdict);
  void fail_all(std::list<Question>& questions, std::string_view reason);
  [[nodiscard]] bool may_log();

  const base::Log log_;
  std::atomic<std::size_t> load_ = 0, load_bytes_ = 0;  // questions that are not answered

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{
      io_.get_executor()};
  boost::asio::steady_timer sweep_timer_{io_}, start_timer_{io_};
  Config config_;
  ReplyParser parser_;
  std::list<Question> waiting_;  // nothing of it was written
  std::list<Question>
      asked_;  // what was answered for the plugin, too late, stays until it has answered
  std::shared_ptr<PluginProcess> process_;
  std::string command_;        // of process_
  Script script_;              // of process_, as it was when that was started
  Clock::time_point heard_{};  // when it last answered, or was asked while it had nothing to do
  std::chrono::milliseconds pause_{0};  // before the next start
  Clock::time_point started_{};
  bool starting_ = false, sweeping_ = false;
  Clock::time_point log_window_{};
  int logged_ = 0;

  std::thread thread_;
};

}  // namespace extensions::write_policy
