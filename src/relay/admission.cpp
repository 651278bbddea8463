#include "relay/admission.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <iterator>

namespace relay {
namespace {

Verdict undecided_in_time() {
  return Verdict::deny("error: could not be decided in time; try again");
}

/// The first denial of `members`, each asked by `ask`; else whether one of them swallows.
template <typename Ask>
Verdict first_denial(const std::vector<WorkerExtension*>& members, Ask ask) {
  bool swallowed = false;
  for (WorkerExtension* member : members) {
    Verdict verdict = ask(*member);
    if (verdict.denied()) return verdict;
    swallowed |= verdict.swallowed();
  }
  return swallowed ? Verdict::swallow() : Verdict::pass();
}

}  // namespace

Admission::Admission(const Extensions& extensions, WorkerServices services) {
  services.may_give = [this](const nostr::PublicKey& owner) { return may_give(owner); };
  for (const auto& extension : extensions) {
    WorkerExtension* worker = all_.emplace_back(extension->attach(services)).get();
    const auto join = [&](Phase phase, std::vector<WorkerExtension*>& members) {
      if (extension->phases().has(phase)) members.push_back(worker);
    };
    join(Phase::on_auth, on_auth_);
    join(Phase::check_event, check_event_);
    join(Phase::authorize_event, authorize_event_);
    join(Phase::on_commit, on_commit_);
    join(Phase::check_req, check_req_);
    join(Phase::authorize_req, authorize_req_);
    join(Phase::hand_out, hand_out_);
    join(Phase::prepare, prepare_);
    join(Phase::may_read, may_read_);
    join(Phase::check_connection, check_connection_);
    join(Phase::check_auth, check_auth_);
    join(Phase::find, find_);
    join(Phase::may_give, may_give_);
    join(Phase::check_write, check_write_);
    Observer* observer = extension->phases().has(Phase::observe) ? worker->observer() : nullptr;
    if (observer) observers_.push_back(observer);
  }
}

boost::asio::awaitable<bool> Admission::start() {
  for (const auto& extension : all_) {
    if (!co_await extension->start()) co_return false;
  }
  co_return true;
}

void Admission::on_reload() {
  for (const auto& extension : all_) extension->on_reload();
}

void Admission::stop() {
  for (const auto& extension : all_) extension->stop();
}

std::vector<HttpRoute> Admission::routes(const HttpServices& services) {
  std::vector<HttpRoute> all;
  for (const auto& extension : all_)
    std::ranges::move(extension->routes(services), std::back_inserter(all));
  return all;
}

std::string_view Admission::check_connection(const ClientContext& context) {
  for (WorkerExtension* extension : check_connection_) {
    if (const auto reason = extension->check_connection(context); !reason.empty()) return reason;
  }
  return {};
}

Verdict Admission::check_auth(const ClientContext& context) {
  return first_denial(check_auth_,
                      [&](WorkerExtension& extension) { return extension.check_auth(context); });
}

boost::asio::awaitable<Verdict> Admission::on_auth(nostr::PublicKey key) {
  std::size_t passed = 0;
  Verdict verdict = Verdict::pass();
  for (; passed < on_auth_.size(); ++passed) {
    try {
      verdict = co_await on_auth_[passed]->on_auth(key);
    } catch (const std::exception&) {
      verdict = undecided_in_time();
    }
    if (verdict.denied()) break;
  }
  if (verdict.denied()) {
    for (std::size_t i = 0; i < passed; ++i) on_auth_[i]->on_leave(key);
  }
  co_return verdict;
}

void Admission::on_leave(const nostr::PublicKey& key) {
  for (WorkerExtension* extension : on_auth_) extension->on_leave(key);
}

Verdict Admission::check_event(const EventContext& context) {
  return first_denial(check_event_,
                      [&](WorkerExtension& extension) { return extension.check_event(context); });
}

Verdict Admission::check_write(const WriteContext& context) {
  return first_denial(check_write_,
                      [&](WorkerExtension& extension) { return extension.check_write(context); });
}

bool Admission::authorizes(const nostr::Event& event) const {
  return std::ranges::any_of(authorize_event_, [&](const WorkerExtension* extension) {
    return extension->authorizes(event);
  });
}

Verdict Admission::check_req(const ReqContext& context) {
  const bool searches = std::ranges::any_of(
      context.filters, [](const nostr::Filter& filter) { return filter.search.has_value(); });
  if (searches && find_.empty())
    return Verdict::deny("unsupported: this relay does not search (NIP-50)");
  return first_denial(check_req_,
                      [&](WorkerExtension& extension) { return extension.check_req(context); });
}

boost::asio::awaitable<Verdict> Admission::authorize_event(EventContext context) {
  try {
    std::uint8_t note = 0;
    bool swallowed = false;
    for (WorkerExtension* extension : authorize_event_) {
      if (!extension->authorizes(context.event)) continue;
      Verdict verdict = co_await extension->authorize_event(context);
      if (verdict.denied()) co_return verdict;
      note |= verdict.note();
      swallowed |= verdict.swallowed();
    }
    // A wait that was cut off need not have thrown.
    const auto deadline = co_await boost::asio::this_coro::cancellation_state;
    if (deadline.cancelled() != boost::asio::cancellation_type::none) co_return undecided_in_time();
    co_return swallowed ? Verdict::swallow() : Verdict::pass_with(note);
  } catch (const std::exception&) {
    co_return undecided_in_time();
  }
}

boost::asio::awaitable<Verdict> Admission::authorize_req(ReqContext context) {
  try {
    for (WorkerExtension* extension : authorize_req_) {
      if (Verdict verdict = co_await extension->authorize_req(context); verdict.denied())
        co_return verdict;
    }
    const auto deadline = co_await boost::asio::this_coro::cancellation_state;
    if (deadline.cancelled() != boost::asio::cancellation_type::none) co_return undecided_in_time();
  } catch (const std::exception&) {
    co_return undecided_in_time();
  }
  co_return Verdict::pass();
}

boost::asio::awaitable<std::expected<std::vector<store::StoredEvent>, std::string>>
Admission::hand_out(ReqContext context) {
  std::vector<store::StoredEvent> all;
  try {
    for (WorkerExtension* extension : hand_out_) {
      auto given = co_await extension->hand_out(context);
      if (!given) co_return std::unexpected(std::move(given.error()));
      std::ranges::move(*given, std::back_inserter(all));
    }
  } catch (const std::exception&) {
    co_return std::unexpected(undecided_in_time().reason());
  }
  co_return all;
}

bool Admission::may_give(const nostr::PublicKey& owner) const {
  return std::ranges::all_of(
      may_give_, [&](const WorkerExtension* extension) { return extension->may_give(owner); });
}

bool Admission::undecided(const store::StoredEvent& event, const nostr::Viewer& viewer) const {
  return std::ranges::any_of(prepare_, [&](const WorkerExtension* extension) {
    return extension->undecided(event, viewer);
  });
}

boost::asio::awaitable<void> Admission::prepare(std::vector<store::StoredEvent> events,
                                                nostr::ViewerPtr viewer) {
  try {
    for (WorkerExtension* extension : prepare_) co_await extension->prepare(events, viewer);
  } catch (const std::exception&) {
    // What was not fetched stays hidden.
  }
}

boost::asio::awaitable<std::expected<Found, store::StoreError>> Admission::find(
    const nostr::Filter& filter) {
  if (find_.empty())
    co_return std::unexpected(
        store::StoreError{store::StoreError::Code::unavailable, "nothing here searches"});
  try {
    co_return co_await find_.front()->find(filter);
  } catch (const std::exception& failure) {
    co_return std::unexpected(
        store::StoreError{store::StoreError::Code::unavailable, failure.what()});
  }
}

void Admission::on_commit(const store::CommitBatch& batch) {
  for (WorkerExtension* extension : on_commit_) extension->on_commit(batch);
}

bool Admission::may_read(const store::StoredEvent& event, const nostr::Viewer& viewer,
                         const nostr::Filter& filter) const {
  return std::ranges::all_of(may_read_, [&](const WorkerExtension* extension) {
    return extension->may_read(event, viewer, filter);
  });
}

bool Admission::narrows(const nostr::Viewer& viewer, const nostr::Filter& filter) const {
  return std::ranges::any_of(may_read_, [&](const WorkerExtension* extension) {
    return extension->narrows(viewer, filter);
  });
}

}  // namespace relay
