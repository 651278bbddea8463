#include <unistd.h>

#include "app/copy_tally.h"
#include "app/store_access.h"
#include "app/store_commands.h"
#include "app/wait_for.h"

namespace app {
namespace {

constexpr std::size_t parcel_bytes = 4 << 20;

/// Open to write, so that no relay writes meanwhile where one process writes; but never made by looking for it.
std::unique_ptr<store::Store> open_source(const config::Config& config) {
  if (!open_to_read(config)) return nullptr;
  return open_to_write(config);
}

std::unique_ptr<store::Store> open_target(const config::Config& config) {
  if (config.storage.backend != "memory") return open_to_write(config);
  fail("--to: storage_backend = \"memory\" would be gone when the copy is done");
  return nullptr;
}

std::string stopped(const std::string& why, bool begun) {
  if (!begun) return why;
  return why + "; the other store has only a part now and opens no more: empty it and copy again";
}

/// The error says what stopped it.
std::expected<void, std::string> copy_all(store::Store& from, store::Store& into,
                                          CopyTally& tally) {
  std::optional<std::string> after;
  std::optional<store::Seq> last;
  do {
    const auto parcel = wait_for(from.dump(after, parcel_bytes));
    if (!parcel) return std::unexpected(stopped(parcel.error().message, last.has_value()));
    if (last.value_or(parcel->last) != parcel->last)
      return std::unexpected(
          stopped("somebody wrote to the store meanwhile; stop every relay on it", true));
    if (const auto loaded = wait_for(into.load(*parcel)); !loaded)
      return std::unexpected(stopped("--to: " + loaded.error().message, last.has_value()));
    tally.add(*parcel);
    last = parcel->last;
    after = parcel->next;
  } while (after);
  return {};
}

}  // namespace

int cmd_copy(const std::string& config_path, const std::string& to_path) {
  Settings settings, target;
  if (!load(settings, config_path) || !load(target, to_path)) return failed;
  if (settings.core.storage.backend == "lmdb" && target.core.storage.backend == "lmdb" &&
      settings.core.data.path == target.core.data.path)
    return fail("--to: names the same store; environment variables count for both files");
  const auto from = open_source(settings.core);
  const auto into = from ? open_target(target.core) : nullptr;
  if (!into) return failed;
  CopyTally tally(isatty(STDERR_FILENO) == 1);
  const auto copied = copy_all(*from, *into, tally);
  tally.summary();
  return copied ? done : fail(copied.error());
}

}  // namespace app
