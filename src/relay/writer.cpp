#include "relay/writer.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "relay/outcome.h"
#include "relay/trial_write.h"

namespace relay {
namespace {

constexpr auto purge_interval = std::chrono::seconds(30);
constexpr std::size_t purge_slice = 500;
constexpr auto trial_interval = std::chrono::seconds(5);
constexpr auto sweep_interval = std::chrono::minutes(10);

Answer answer_to(Submission& submission, const store::WriteResult& result) {
  const bool is_here =
      result.outcome == store::Outcome::accepted || result.outcome == store::Outcome::duplicate;
  return {std::move(submission.publisher), submission.write.event, is_here, reason_of(result),
          submission.read_at};
}

std::size_t size_of(const WriterMessage& message) {
  const auto* submission = std::get_if<Submission>(&message);
  return submission ? submission->write.event->json.size() : 0;
}

/// How many events from the front fit into one commit; 0 when an operation comes first.
std::size_t group_size(std::span<const WriterMessage> queued, const base::Limits& limits) {
  std::size_t count = 0, bytes = 0;
  while (count < queued.size() && count < static_cast<std::size_t>(limits.max_batch_events)) {
    if (!std::holds_alternative<Submission>(queued[count])) break;
    bytes += size_of(queued[count]);
    if (count > 0 && bytes > static_cast<std::size_t>(limits.max_batch_bytes)) break;
    ++count;
  }
  return count;
}

}  // namespace

Writer::Writer(store::Store& store, const store::Stager& stager, const base::Limits& limits,
               base::Clock clock, base::Log log)
    : store_(store),
      stager_(stager),
      limits_(limits),
      clock_(std::move(clock)),
      log_(base::component(log, "store")),
      queue_(static_cast<std::size_t>(limits.max_writer_queue_events),
             static_cast<std::size_t>(limits.max_writer_queue_bytes)),
      guard_(context_.get_executor()),
      purge_timer_(context_),
      trial_timer_(context_) {}

Writer::~Writer() { stop(); }

void Writer::start(std::size_t workers, ToWorker to_worker) {
  workers_ = workers;
  to_worker_ = std::move(to_worker);
  schedule_purge();
  boost::asio::post(context_, [this] { wake(); });  // what is due already
  thread_ = std::thread([this] { context_.run(); });
}

void Writer::stop() {
  if (!thread_.joinable()) return;
  stopped_ = true;
  boost::asio::post(context_, [this] {
    stopping_ = true;
    purge_timer_.cancel();
    trial_timer_.cancel();
    guard_.reset();
  });
  thread_.join();
}

bool Writer::submit(WriterMessage&& message) {
  if (stopped_) return false;
  const std::size_t bytes = size_of(message);
  switch (queue_.push(std::move(message), bytes)) {
    case decltype(queue_)::Pushed::full:
      return false;
    case decltype(queue_)::Pushed::first:
      boost::asio::post(context_, [this] { wake(); });
      break;
    case decltype(queue_)::Pushed::more:
      break;
  }
  return true;
}

void Writer::wake() {
  if (working_) return;
  working_ = true;
  // Nothing in there may throw. If something does, ending the process is safer than refusing every write from now on.
  boost::asio::co_spawn(context_, work(), [](const std::exception_ptr& error) {
    if (error) std::terminate();
  });
}

boost::asio::awaitable<void> Writer::work() {
  std::vector<WriterMessage> queued;
  while (true) {
    queued = queue_.take_all(std::move(queued));
    for (std::span<WriterMessage> rest(queued); !rest.empty();) {
      taken_.store(rest.size(), std::memory_order_relaxed);
      rest = rest.subspan(co_await commit_some(rest));
    }
    taken_.store(0, std::memory_order_relaxed);
    if (std::exchange(trial_due_, false) && !stopped_)
      co_await try_store();
    else if (std::exchange(purge_due_, false) && !stopped_)
      co_await purge();
    else if (queued.empty())
      break;
  }
  working_ = false;
}

boost::asio::awaitable<std::size_t> Writer::commit_some(std::span<WriterMessage> queued) {
  const std::size_t events = group_size(queued, limits_);
  if (events == 0) {
    co_await perform(std::get<OperationSubmission>(std::move(queued.front())));
    co_return 1;
  }
  co_await commit(queued.first(events));
  co_return events;
}

boost::asio::awaitable<void> Writer::perform(OperationSubmission submission) {
  const auto begun = time();
  auto performed = co_await store_.perform(*submission.operation, clock_(), stager_);
  tell_observers(0, performed ? performed->batch.get() : nullptr, begun);
  OperationDone done{std::move(submission.errand), {}};
  if (!performed) {
    note_failure(performed.error());
    done.outcome = std::unexpected("error: could not be stored; try again later");
  } else {
    note_commit(*performed->batch);
    announce_change(performed->batch);
    if (performed->outcome)
      done.outcome = std::move(*performed->outcome);
    else
      done.outcome = std::unexpected(std::move(performed->outcome.error().reason));
  }
  to_worker_(submission.worker, std::move(done));
}

boost::asio::awaitable<void> Writer::commit(std::span<WriterMessage> group) {
  writes_.clear();
  for (const WriterMessage& message : group) {
    writes_.push_back(std::get<Submission>(message).write);
    // What a request to vanish leaves over goes in slices, soon.
    purge_due_ |= writes_.back().vanishes;
  }
  const auto begun = time();
  auto appended = co_await store_.append(writes_, stager_);
  tell_observers(group.size(), appended ? appended->batch.get() : nullptr, begun);

  std::vector<std::vector<Answer>> answers(workers_);
  for (std::size_t i = 0; i < group.size(); ++i) {
    auto& submission = std::get<Submission>(group[i]);
    answers[submission.worker].push_back(
        appended ? answer_to(submission, appended->results[i])
                 : Answer{std::move(submission.publisher), submission.write.event, false,
                          "error: could not store the event; try again later", submission.read_at});
  }
  if (appended)
    note_commit(*appended->batch);
  else
    note_failure(appended.error());
  announce(appended ? appended->batch : std::make_shared<const store::CommitBatch>(),
           std::move(answers));
}

Writer::Instant Writer::time() const {
  return observers_.empty() ? Instant{} : std::chrono::steady_clock::now();
}

void Writer::tell_observers(std::size_t writes, const store::CommitBatch* batch,
                            Instant begun) const {
  if (observers_.empty() || (batch && writes == 0 && batch->changes.empty())) return;
  Committed committed{.writes = writes, .failed = !batch, .took = time() - begun};
  if (batch) {
    committed.events = batch->events;
    committed.changes = batch->changes;
  }
  for (const Extension* observer : observers_) observer->on_committed(committed);
}

void Writer::announce_change(const BatchPtr& batch) {
  if (batch->changes.empty() && batch->events.empty()) return;
  for (std::size_t worker = 0; worker < workers_; ++worker) to_worker_(worker, Changed{batch});
}

void Writer::announce(const BatchPtr& batch, std::vector<std::vector<Answer>> answers) {
  announce_change(batch);
  for (std::size_t worker = 0; worker < workers_; ++worker) {
    if (!batch->events.empty() || !answers[worker].empty())
      to_worker_(worker, Settled{batch, std::move(answers[worker])});
  }
}

boost::asio::awaitable<void> Writer::purge() {
  if (!believes_clock()) co_return;
  co_await purge_expired();
  co_await sweep();
}

bool Writer::believes_clock() {
  const bool believes = clock_watch_.believes(clock_(), std::chrono::steady_clock::now());
  if (!believes && believed_clock_)
    log_->error(
        "the system's clock went ahead by more than an hour: nothing is removed for an hour; see "
        "whether it is right");
  believed_clock_ = believes;
  return believes;
}

boost::asio::awaitable<void> Writer::sweep() {
  const auto now = std::chrono::steady_clock::now();
  const auto rules = retention_ ? retention_->get() : nullptr;
  if (sweep_ && rules != swept_by_) {  // a reload: nothing more goes by the old rules
    sweep_.reset();
    next_sweep_ = now;
  }
  if (!sweep_ && rules && now >= next_sweep_) {
    sweep_.emplace(*rules);
    swept_by_ = rules;
  }
  if (!sweep_) co_return;
  if (!sweep_->done()) {
    const auto removed = co_await sweep_->step(store_, clock_(), purge_slice, stager_);
    if (!removed) {
      tell_observers(0, nullptr, now);
      note_failure(removed.error());
      sweep_.reset();
      next_sweep_ = now + sweep_interval;
      co_return;
    }
    if (removed->batch) {
      tell_observers(0, removed->batch.get(), now);
      note_commit(*removed->batch);
      announce(removed->batch, std::vector<std::vector<Answer>>(workers_));
    }
  }
  if (sweep_->done()) {
    sweep_.reset();
    next_sweep_ = now + sweep_interval;
  } else {
    purge_due_ = true;  // commits waiting meanwhile go first
  }
}

boost::asio::awaitable<void> Writer::purge_expired() {
  const auto begun = time();
  auto purged = co_await store_.purge_expired(clock_(), purge_slice, stager_);
  tell_observers(0, purged ? purged->batch.get() : nullptr, begun);
  if (!purged) {
    note_failure(purged.error());
    co_return;
  }
  note_commit(*purged->batch);
  announce(purged->batch, std::vector<std::vector<Answer>>(workers_));
  if (purged->removed == purge_slice)
    purge_due_ = true;  // more is left; commits waiting meanwhile go first
}

void Writer::note_failure(const store::StoreError& error) {
  const bool first = !health_->fault();
  health_->failed(error.code);
  if (const auto times = failures_.again())
    base::log(log_, base::level::err, "the store failed",
              {{"error", error.message}, {"times", *times}});
  if (first) schedule_trial();
}

void Writer::note_commit(const store::CommitBatch& batch) {
  // A batch of nothing but refusals and duplicates was not written.
  const bool wrote = last_commit_ && batch.last > *last_commit_;
  last_commit_ = std::max(last_commit_.value_or(0), batch.last);
  const auto fault = health_->fault();
  // That another page can be written mends no damaged one.
  if (!wrote || !fault || *fault == StoreHealth::Fault::corrupt) return;
  health_->wrote();
  base::log(log_, base::level::info, "the store takes writes again");
}

void Writer::schedule_trial() {
  trial_timer_.expires_after(trial_interval);
  trial_timer_.async_wait([this](boost::system::error_code error) {
    if (error || stopping_ || !health_->fault()) return;
    trial_due_ = true;
    wake();
    schedule_trial();
  });
}

boost::asio::awaitable<void> Writer::try_store() {
  for (const auto step : {TrialWrite::Step::write, TrialWrite::Step::erase}) {
    const TrialWrite trial(step);
    const auto performed = co_await store_.perform(trial, clock_(), stager_);
    if (!performed) co_return note_failure(performed.error());
    announce_change(performed->batch);
    if (step == TrialWrite::Step::erase) note_commit(*performed->batch);
    last_commit_ = performed->batch->last;
  }
}

void Writer::schedule_purge() {
  purge_timer_.expires_after(purge_interval);
  purge_timer_.async_wait([this](boost::system::error_code error) {
    if (error || stopping_) return;
    purge_due_ = true;
    wake();
    schedule_purge();
  });
}

}  // namespace relay
