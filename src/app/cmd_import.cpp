#include <fmt/format.h>
#include <unistd.h>

#include "app/importer.h"
#include "app/logger.h"
#include "app/store_access.h"
#include "app/store_commands.h"

namespace app {
namespace {

/// The next batch: bounded by number and bytes. Empty at the end.
std::expected<std::vector<Line>, std::string> next_batch(LineReader& lines, std::size_t max_lines,
                                                         std::size_t max_bytes) {
  std::vector<Line> batch;
  std::size_t bytes = 0;
  while (batch.size() < max_lines && bytes < max_bytes) {
    auto line = lines.next();
    if (!line) return std::unexpected(std::move(line.error()));
    if (!*line) break;
    bytes += (*line)->text.size();
    batch.push_back(**std::move(line));
  }
  return batch;
}

/// The error says what stopped it; what was committed until then stays.
std::expected<void, std::string> take_all(Importer& importer, LineReader& lines, ImportTally& tally,
                                          std::size_t max_lines, const base::Limits& limits) {
  for (;;) {
    const auto batch =
        next_batch(lines, max_lines, static_cast<std::size_t>(limits.max_batch_bytes));
    if (!batch) return std::unexpected("the input " + batch.error());
    if (batch->empty()) return {};
    if (auto taken = importer.take(*batch, tally); !taken)
      return std::unexpected(fmt::format("lines {} to {} are not in the store: {}",
                                         batch->front().number, batch->back().number,
                                         taken.error().message));
    tally.progress(batch->back().number);
  }
}

}  // namespace

int cmd_import(const std::string& config_path, const ImportWishes& wishes) {
  Settings settings;
  if (!load(settings, config_path)) return failed;
  const auto store = open_to_write(settings.core);
  if (!store) return failed;
  using enum relay::Intake::Checks;
  Importer importer(settings, *store, make_log(settings.core.log),
                    wishes.verify ? all : all_but_id_and_signature);
  if (!importer.start()) return fail("the extensions cannot load what they keep in the store");
  const auto input = Input::from(STDIN_FILENO);
  if (!input) return fail("the input " + input.error());
  const base::Limits& limits = settings.core.limits;
  LineReader lines(**input, static_cast<std::size_t>(limits.max_message_bytes));
  ImportTally tally(isatty(STDERR_FILENO) == 1);
  const auto taken = take_all(importer, lines, tally, wishes.batch, limits);
  tally.summary();
  if (!taken) return fail(taken.error());
  return tally.all_taken() ? done : partly;
}

}  // namespace app
