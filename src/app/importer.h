#pragma once
#include <memory>
#include <span>
#include <vector>

#include "app/import_tally.h"
#include "app/line_reader.h"
#include "app/settings.h"
#include "relay/intake.h"
#include "relay/staging.h"

namespace app {

/// Takes lines into a store, a commit for each batch, in their order: checked on every core, then staged and committed
/// as the relay's writer does it. Used by one thread.
class Importer {
 public:
  /// `store` outlives it; nobody else writes there.
  Importer(const Settings& settings, store::Store& store, const base::Log& log,
           relay::Intake::Checks checks);

  /// False: an extension cannot load what it must know.
  [[nodiscard]] bool start();
  /// All or, with the error, none of them is in the store.
  [[nodiscard]] std::expected<void, store::StoreError> take(std::span<const Line> lines,
                                                            ImportTally& tally);

 private:
  using Checked = std::vector<std::expected<store::Write, std::string>>;
  [[nodiscard]] Checked check(std::span<const Line> lines);
  [[nodiscard]] std::expected<store::Write, std::string> check(relay::Intake& intake,
                                                               const Line& line,
                                                               std::size_t uncommitted) const;

  store::Store& store_;
  const relay::RelayOptions options_;
  const relay::Extensions extensions_;
  const relay::Staging staging_;
  std::vector<std::unique_ptr<relay::Intake>> intakes_;  // one for each thread
};

}  // namespace app
