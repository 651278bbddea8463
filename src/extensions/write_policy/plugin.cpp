#include "extensions/write_policy/plugin.h"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

namespace extensions::write_policy {
namespace {

using namespace std::chrono_literals;
using relay::Verdict;

constexpr std::size_t max_load = 4096;
constexpr std::size_t max_load_bytes = 64UL << 20;
constexpr std::size_t max_asked = 64;
constexpr auto first_pause = 100ms;
constexpr auto longest_pause = 10s;
constexpr auto long_run = 10s;  // what ran for so long is started again at once
constexpr auto log_window = 10s;
constexpr int max_logged = 100;  // lines of the plugin, in a window
constexpr std::size_t max_logged_bytes = 500;

constexpr std::string_view late = "error: the write policy did not answer in time; try again later";
constexpr std::string_view failed = "error: the write policy failed; try again later";
constexpr std::string_view busy = "error: the write policy is too busy; try again in a moment";

/// Then it is the path of a script (as strfry has it).
bool is_path(const std::string& command) { return !command.contains(' '); }

}  // namespace

Plugin::Plugin(Config config, base::Log log) : log_(base::component(log, "write_policy")) {
  configure(std::move(config));
}

Plugin::~Plugin() {
  if (!thread_.joinable()) return;
  boost::asio::post(io_, [this] {
    if (process_) stop(SIGTERM);
    fail_all(waiting_, failed);
    io_.stop();
  });
  thread_.join();
}

void Plugin::configure(Config config) {
  if (!thread_.joinable() && config.plugin.empty()) return;
  boost::asio::post(io_, [this, config = std::move(config)]() mutable {
    config_ = std::move(config);
    pause_ = 0ms;
    start_timer_.cancel();
    pump();
  });
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
}

void Plugin::run() {
  // A plugin that died takes no more input, which must not be a signal to the relay.
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  io_.run();
}

void Plugin::ask(nostr::EventId id, std::string line, Answered answered) {
  const std::size_t bytes = line.size();
  const bool many = load_.fetch_add(1) >= max_load;
  const bool large = load_bytes_.fetch_add(bytes) + bytes > max_load_bytes;
  if (many || large) {
    give_back(bytes);
    return answered(Verdict::deny(std::string(busy)));
  }
  Question question{id, std::move(line), std::move(answered), bytes};
  boost::asio::post(
      io_, [this, question = std::move(question)]() mutable { accept(std::move(question)); });
}

void Plugin::give_back(std::size_t bytes) {
  --load_;
  load_bytes_ -= bytes;
}

void Plugin::accept(Question question) {
  question.deadline = Clock::now() + std::chrono::milliseconds(config_.timeout_ms);
  waiting_.push_back(std::move(question));
  if (!sweeping_) sweep_later();
  pump();
}

/// Asks what may be asked now; starts the plugin if there is none, or another one in its place.
void Plugin::pump() {
  if (process_ && outdated()) {
    if (!asked_.empty()) return;
    stop(SIGTERM);
  }
  if (config_.plugin.empty()) return fail_all(waiting_, failed);
  if (!process_) return start();
  if (asked_.empty()) heard_ = Clock::now();
  while (!waiting_.empty() && asked_.size() < max_asked) {
    process_->write(std::exchange(waiting_.front().line, {}));
    asked_.splice(asked_.end(), waiting_, waiting_.begin());
  }
}

bool Plugin::outdated() const {
  return command_ != config_.plugin || script_of(command_) != script_;
}

Plugin::Script Plugin::script_of(const std::string& command) {
  struct stat found{};
  if (!is_path(command) || stat(command.c_str(), &found) != 0) return {};
  // Two scripts may be written in one tick of the clock of the file system.
  return {found.st_ino, found.st_size, found.st_ctim.tv_sec, found.st_ctim.tv_nsec};
}

void Plugin::start() {
  if (starting_) return;
  command_ = config_.plugin;
  script_ = script_of(command_);
  // Without a shell in between that would be told to end in its place.
  auto started = PluginProcess::start(io_, is_path(command_) ? "exec " + command_ : command_,
                                      {.said = [this](std::string_view line) { on_line(line); },
                                       .complained = [this](auto line) { on_complaint(line); },
                                       .failed = [this] { on_failed(); }});
  if (!started) {
    log_->error("the write policy plugin cannot be started: {}", started.error());
    return start_later();
  }
  process_ = *std::move(started);
  started_ = Clock::now();
  log_->info("the write policy plugin was started");
  pump();
}

void Plugin::stop(int signal) {
  (void)process_->end(signal);
  process_.reset();
  fail_all(asked_, failed);
}

void Plugin::on_failed() {
  log_->warn("the write policy plugin ended: {}; level debug logs what it wrote to stderr",
             process_->end(0));
  process_.reset();
  fail_all(asked_, failed);
  start_later();
}

void Plugin::start_later() {
  starting_ = true;
  if (Clock::now() - started_ >= long_run) pause_ = 0ms;
  start_timer_.expires_after(pause_);
  pause_ = std::clamp<std::chrono::milliseconds>(2 * pause_, first_pause, longest_pause);
  start_timer_.async_wait([this](boost::system::error_code) {
    starting_ = false;
    pump();
  });
}

void Plugin::on_line(std::string_view line) {
  auto reply = parser_.parse(line);
  const auto question = reply ? std::ranges::find(asked_, reply->id, &Question::id) : asked_.end();
  if (question == asked_.end()) {
    if (may_log())
      log_->warn("the write policy plugin said a line that answers nothing it was asked");
    return;
  }
  answer(*question, std::move(reply->verdict));
  asked_.erase(question);
  heard_ = Clock::now();
  pump();
}

void Plugin::on_complaint(std::string_view line) {
  if (may_log())
    base::log(log_, base::level::debug, "the plugin wrote to stderr",
              {{"line", line.substr(0, max_logged_bytes)}});
}

bool Plugin::may_log() {
  if (const auto now = Clock::now(); now - log_window_ >= log_window) {
    log_window_ = now;
    logged_ = 0;
  }
  return logged_++ < max_logged;
}

void Plugin::sweep_later() {
  sweeping_ = true;
  sweep_timer_.expires_after(
      std::chrono::milliseconds(std::clamp<std::int64_t>(config_.timeout_ms / 4, 5, 250)));
  sweep_timer_.async_wait([this](boost::system::error_code) {
    sweeping_ = false;
    sweep();
  });
}

void Plugin::sweep() {
  const auto now = Clock::now();
  for (auto* questions : {&waiting_, &asked_}) {
    for (Question& question : *questions)
      if (question.deadline <= now && question.answered)
        answer(question, Verdict::deny(std::string(late)));
  }
  std::erase_if(waiting_, [](const Question& question) { return !question.answered; });
  if (!asked_.empty() && now - heard_ >= std::chrono::milliseconds(config_.timeout_ms)) {
    log_->warn("the write policy plugin does not answer; it is killed and started again");
    stop(SIGKILL);
    start_later();
  }
  if (!waiting_.empty() || !asked_.empty()) sweep_later();
}

void Plugin::answer(Question& question, Verdict verdict) {
  const auto answered = std::exchange(question.answered, {});
  if (!answered) return;
  give_back(question.bytes);
  answered(std::move(verdict));
}

void Plugin::fail_all(std::list<Question>& questions, std::string_view reason) {
  for (Question& question : questions) answer(question, Verdict::deny(std::string(reason)));
  questions.clear();
}

}  // namespace extensions::write_policy
