#include "relay/reconciliation.h"

#include <fmt/format.h>

#include <utility>

#include "relay/admission.h"
#include "relay/connection.h"

namespace relay {
namespace {

using std::chrono::seconds;

constexpr auto sweep_period = std::chrono::milliseconds(250);
// A worker keeps no more items than this many connections may that keep as many as they can.
constexpr std::size_t greedy_connections = 8;

}  // namespace

Reconciliations::Reconciliations(boost::asio::io_context& context, const base::Limits& limits)
    : limits_(limits), timer_(context) {}

void Reconciliations::add(ReconciliationPtr reconciliation) {
  open_.push_back(std::move(reconciliation));
  if (open_.size() == 1) sweep_later();
}

void Reconciliations::remove(const Reconciliation& reconciliation) {
  items_ -= reconciliation.kept;
  std::erase_if(open_, [&](const auto& open) { return open.get() == &reconciliation; });
  if (open_.empty()) timer_.cancel();
}

bool Reconciliations::keep(Reconciliation& reconciliation, std::size_t items) {
  items_ += items - reconciliation.kept;
  reconciliation.kept = items;
  return items_ <= greedy_connections * static_cast<std::size_t>(limits_.max_sync_events);
}

/// Ends those for which `reason_of` gives a reason.
template <typename Reason>
void Reconciliations::end_where(Reason reason_of) {
  std::vector<std::pair<ReconciliationPtr, std::string>> ended;  // ending one changes the list
  for (const auto& open : open_) {
    if (std::string reason = reason_of(*open); !reason.empty())
      ended.emplace_back(open, std::move(reason));
  }
  for (const auto& [each, reason] : ended) each->connection.refuse_reconciliation(each->id, reason);
}

void Reconciliations::on_commit(const Admission& admission) {
  end_where([&](const Reconciliation& open) -> std::string {
    if (!admission.narrows(*open.connection.viewer(), open.filters.front())) return {};
    return "closed: what you may read has changed; open it again";
  });
}

void Reconciliations::end_all(std::string_view reason) {
  end_where([&](const Reconciliation&) { return std::string(reason); });
}

void Reconciliations::sweep() {
  const auto now = Reconciliation::Clock::now();
  end_where([&](const Reconciliation& open) -> std::string {
    if (open.answered && now >= *open.answered + seconds(limits_.neg_idle_timeout_s))
      return fmt::format("closed: you said nothing for {} seconds; open it again",
                         limits_.neg_idle_timeout_s);
    if (now >= open.opened + seconds(limits_.neg_max_age_s))
      return fmt::format("closed: {} seconds are the most it may take; open it again",
                         limits_.neg_max_age_s);
    return {};
  });
  if (!open_.empty()) sweep_later();
}

void Reconciliations::sweep_later() {
  timer_.expires_after(sweep_period);
  timer_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled) sweep();
  });
}

}  // namespace relay
