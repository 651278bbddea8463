#include "relay/writer.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "relay/outcome.h"
#include "relay/trial_write.h"

namespace relay {
namespace {

constexpr auto trial_interval = std::chrono::seconds(5);

Answer answer_to(Submission& submission, const store::WriteResult& result) {
  const bool is_here =
      result.outcome == store::Outcome::accepted || result.outcome == store::Outcome::duplicate;
  return {std::move(submission.publisher), submission.write.event, is_here, reason_of(result),
          submission.read_at};
}

bool is_unknown(const store::StoreError& error) {
  return error.code == store::StoreError::Code::unknown_outcome;
}

std::size_t size_of(const WriterMessage& message) {
  const auto* submission = std::get_if<Submission>(&message);
  return submission ? submission->write.event->json.size() : 0;
}

/// How many operations from the front go into one commit; 0 when an event comes first.
std::size_t operations_in_front(std::span<const WriterMessage> queued, const base::Limits& limits) {
  const auto first = std::ranges::find_if_not(queued, [](const WriterMessage& message) {
    return std::holds_alternative<OperationSubmission>(message);
  });
  return std::min(static_cast<std::size_t>(first - queued.begin()),
                  static_cast<std::size_t>(limits.max_batch_events));
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
      trial_timer_(context_),
      contact_(store.shared() ? std::make_shared<StoreContact>() : nullptr) {}

Writer::~Writer() { stop(); }

void Writer::start(std::size_t workers, Announcer::ToWorker to_worker) {
  announcer_.start(workers, std::move(to_worker));
  schedule_purge();
  store_.on_news([this] { seek_news(); });
  seek_news();                                      // since the store was opened
  boost::asio::post(context_, [this] { wake(); });  // what is due already
  thread_ = std::thread([this] { context_.run(); });
}

void Writer::stop() {
  if (!thread_.joinable()) return;
  store_.on_news(nullptr);
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

void Writer::seek_news() {
  if (!contact_ || stopped_ || news_.exchange(true)) return;
  boost::asio::post(context_, [this] { wake(); });
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
    if (!queued.empty()) news_ = false;  // a commit brings it along
    for (std::span<WriterMessage> rest(queued); !rest.empty();) {
      taken_.store(rest.size(), std::memory_order_relaxed);
      rest = rest.subspan(co_await commit_some(rest));
    }
    taken_.store(0, std::memory_order_relaxed);
    const bool did_something = co_await do_what_is_due();
    if (!did_something && queued.empty()) break;
  }
  working_ = false;
}

boost::asio::awaitable<bool> Writer::do_what_is_due() {
  // Each once, so that commits that wait meanwhile go first.
  const bool news = news_.exchange(false) && !stopped_;
  if (news) co_await catch_up();
  const bool trial = std::exchange(trial_due_, false) && !stopped_;
  if (trial) co_await try_store();
  const bool purge_now = std::exchange(purge_due_, false) && !stopped_;
  if (purge_now) co_await purge();
  co_return news || trial || purge_now;
}

boost::asio::awaitable<std::size_t> Writer::commit_some(std::span<WriterMessage> queued) {
  const std::size_t operations = operations_in_front(queued, limits_);
  if (operations > 0) {
    co_await perform(queued.first(operations));
    co_return operations;
  }
  const std::size_t events = group_size(queued, limits_);
  co_await commit(queued.first(events));
  co_return events;
}

boost::asio::awaitable<void> Writer::perform(std::span<WriterMessage> group) {
  std::vector<const store::Operation*> operations;
  for (const WriterMessage& message : group)
    operations.push_back(std::get<OperationSubmission>(message).operation.get());
  const auto begun = Clock::now();
  auto performed = co_await store_.perform_all(operations, clock_(), stager_);
  tell_observers(0, performed ? performed->batch.get() : nullptr, begun);
  if (performed) {
    note_commit(*performed->batch, begun);
    announcer_.change(performed->batch);
  } else {
    note_failure(performed.error());
  }
  for (std::size_t i = 0; i < group.size(); ++i) {
    auto& submission = std::get<OperationSubmission>(group[i]);
    OperationDone done{std::move(submission.errand), {}};
    if (!performed)
      done.outcome = std::unexpected(
          std::string(is_unknown(performed.error())
                          ? "error: it is not known whether this was done; look before trying again"
                          : "error: could not be stored; try again later"));
    else if (auto& outcome = performed->outcomes[i])
      done.outcome = std::move(*outcome);
    else
      done.outcome = std::unexpected(std::move(outcome.error().reason));
    announcer_.answer(submission.worker, std::move(done));
  }
}

boost::asio::awaitable<void> Writer::commit(std::span<WriterMessage> group) {
  writes_.clear();
  for (const WriterMessage& message : group) {
    writes_.push_back(std::get<Submission>(message).write);
    // What a request to vanish leaves over goes in slices, soon.
    purge_due_ |= writes_.back().vanishes;
  }
  const auto begun = Clock::now();
  auto appended = co_await store_.append(writes_, stager_);
  tell_observers(group.size(), appended ? appended->batch.get() : nullptr, begun);

  auto answers = announcer_.answers();
  for (std::size_t i = 0; i < group.size(); ++i) {
    auto& submission = std::get<Submission>(group[i]);
    answers[submission.worker].push_back(
        appended ? answer_to(submission, appended->results[i])
                 : Answer{std::move(submission.publisher), submission.write.event, false,
                          is_unknown(appended.error())
                              ? "error: it is not known whether the event was stored; send it again"
                              : "error: could not store the event; try again later",
                          submission.read_at});
  }
  if (appended)
    note_commit(*appended->batch, begun);
  else
    note_failure(appended.error());
  announcer_.settle(appended ? appended->batch : std::make_shared<const store::CommitBatch>(),
                    std::move(answers));
}

boost::asio::awaitable<void> Writer::catch_up() {
  const auto begun = Clock::now();
  const auto others = co_await store_.catch_up();
  if (!others) co_return note_failure(others.error());
  note_contact(**others, begun);
  announcer_.settle(*others);
  // Whoever answers may take writes again.
  const auto fault = health_->fault();
  using Fault = StoreHealth::Fault;
  trial_due_ |= fault == Fault::unavailable || fault == Fault::unknown_outcome;
}

void Writer::tell_observers(std::size_t writes, const store::CommitBatch* batch,
                            Clock::time_point begun) const {
  if (observers_.empty() || (batch && writes == 0 && batch->changes.empty())) return;
  Committed committed{.writes = writes, .failed = !batch, .took = Clock::now() - begun};
  if (batch) {
    committed.events = batch->events;
    committed.changes = batch->changes;
  }
  for (const Extension* observer : observers_) observer->on_committed(committed);
}

void Writer::note_failure(const store::StoreError& error) {
  const bool first = !health_->fault();
  health_->failed(error.code);
  if (const auto times = failures_.again())
    base::log(log_, base::level::err, "the store failed",
              {{"error", error.message}, {"times", *times}});
  if (first && !stopping_) schedule_trial();
}

void Writer::note_contact(const store::CommitBatch& batch, Clock::time_point begun) {
  if (contact_) contact_->heard(begun);
  last_commit_ = batch.last;
  if (batch.lost_track)
    log_->warn(
        "what other instances committed is not known in full: all connections are closed, and what "
        "they need is read anew");
}

void Writer::note_commit(const store::CommitBatch& batch, Clock::time_point begun) {
  // A batch of nothing but refusals and duplicates was not written.
  const auto last_before =
      batch.before.empty() ? last_commit_ : std::optional(batch.before.back()->last);
  const bool wrote = !batch.lost_track && last_before && batch.last > *last_before;
  note_contact(batch, begun);
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
    const auto begun = Clock::now();
    const auto performed = co_await store_.perform(trial, clock_(), stager_);
    if (!performed) co_return note_failure(performed.error());
    announcer_.change(performed->batch);
    if (step == TrialWrite::Step::erase)
      note_commit(*performed->batch, begun);
    else
      note_contact(*performed->batch, begun);
  }
}

}  // namespace relay
