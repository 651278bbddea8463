#include "app/importer.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "app/relay_process.h"
#include "app/wait_for.h"
#include "relay/outcome.h"

namespace app {
namespace {

// What a thread takes at a time: some milliseconds of signatures.
constexpr std::size_t share = 64;

relay::RelayOptions options_of(const config::Config& config) {
  return {.limits = config.limits,
          .offer_auth = config.auth.enabled,
          .auth_urls = auth_urls(config, static_cast<std::uint16_t>(config.server.port))};
}

}  // namespace

Importer::Importer(const Settings& settings, store::Store& store, const base::Log& log,
                   relay::Intake::Checks checks)
    : store_(store),
      options_(options_of(settings.core)),
      extensions_(Parts(without_rations(settings), log).all()),
      staging_(extensions_) {
  const unsigned threads = std::max(1u, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < threads; ++i)
    intakes_.push_back(std::make_unique<relay::Intake>(options_, store, extensions_, checks));
}

bool Importer::start() {
  return std::ranges::all_of(intakes_, [](const auto& intake) { return intake->start(); });
}

std::expected<store::Write, std::string> Importer::check(relay::Intake& intake, const Line& line,
                                                         std::size_t uncommitted) const {
  if (line.too_long)
    return std::unexpected(fmt::format("invalid: longer than limits.max_message_bytes = {}",
                                       options_.limits.max_message_bytes));
  return intake.take(line.text, uncommitted);
}

Importer::Checked Importer::check(std::span<const Line> lines) {
  Checked checked(lines.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&](relay::Intake& intake) {
    for (;;) {
      const std::size_t begin = next.fetch_add(share);
      const std::size_t end = std::min(begin + share, lines.size());
      for (std::size_t i = begin; i < end; ++i) checked[i] = check(intake, lines[i], i);
      if (end == lines.size()) return;
    }
  };
  std::vector<std::jthread> others;
  const std::size_t useful = (lines.size() + share - 1) / share;
  for (std::size_t i = 1; i < std::min(intakes_.size(), useful); ++i)
    others.emplace_back([&work, &intake = *intakes_[i]] { work(intake); });
  work(*intakes_.front());
  others.clear();  // joins
  return checked;
}

std::expected<void, store::StoreError> Importer::take(std::span<const Line> lines,
                                                      ImportTally& tally) {
  Checked checked = check(lines);
  std::vector<store::Write> writes;
  for (auto& write : checked)
    if (write) writes.push_back(*write);
  const auto appended = wait_for(store_.append(writes, staging_));
  if (!appended) return std::unexpected(appended.error());
  for (const auto& intake : intakes_) intake->on_commit(*appended->batch);

  auto result = appended->results.begin();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!checked[i]) {
      tally.rejected(lines[i].number, checked[i].error());
      continue;
    }
    using enum store::Outcome;
    if (result->outcome == accepted)
      tally.stored();
    else if (result->outcome == duplicate || result->outcome == stale)
      tally.duplicate();
    else
      tally.rejected(lines[i].number, relay::reason_of(*result));
    ++result;
  }
  return {};
}

}  // namespace app
