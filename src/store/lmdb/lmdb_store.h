#pragma once
#include <filesystem>
#include <memory>

#include "store/lmdb/env.h"
#include "store/lmdb/reader_pool.h"
#include "store/sha256.h"
#include "store/store.h"

namespace store {

struct LmdbOptions {
  std::filesystem::path path;  ///< a folder of its own; made if missing
  std::size_t map_bytes = std::size_t{1}
                          << 30;  ///< address space to begin with; doubled whenever it is full
};

/// The embedded store: one LMDB folder, written by one process. A commit is durable when append()
/// returns.
///
/// Thread-safety: as Store says. Calls block on the disk and never suspend. Readers wait for
/// writers only while the map grows (milliseconds, each time the data has doubled).
class LmdbStore final : public Store {
 public:
  /// The error names the folder, the cause and the remedy.
  [[nodiscard]] static std::expected<std::unique_ptr<LmdbStore>, StoreError> open(
      const LmdbOptions& options);
  /// What is at `path`, to read beside a process that writes. Writing fails, `unavailable`.
  [[nodiscard]] static std::expected<std::unique_ptr<LmdbStore>, StoreError> open_to_read(
      const std::filesystem::path& path);

  /// Makes `destination`, a folder that is missing or empty, a copy of the store as it is now. It is
  /// there whole or not at all; a relay may run meanwhile. Blocks as long as it takes.
  [[nodiscard]] std::expected<void, StoreError> back_up(const std::filesystem::path& destination);

  [[nodiscard]] boost::asio::awaitable<std::expected<AppendResult, StoreError>> append(
      std::span<const Write> writes, const Stager& stager) override;
  [[nodiscard]] boost::asio::awaitable<std::expected<Page, StoreError>> query(
      PageRequest request) override;
  [[nodiscard]] boost::asio::awaitable<std::expected<StoreInfo, StoreError>> info() override;
  [[nodiscard]] boost::asio::awaitable<std::expected<PerformedAll, StoreError>> perform_all(
      std::span<const Operation* const> operations, base::UnixSeconds now,
      const Stager& stager) override;
  [[nodiscard]] boost::asio::awaitable<std::expected<Purged, StoreError>> purge_expired(
      base::UnixSeconds now, std::size_t max, const Stager& stager) override;
  [[nodiscard]] boost::asio::awaitable<
      std::expected<std::vector<std::optional<std::string>>, StoreError>>
  get_rows(std::vector<std::string> keys) override;
  [[nodiscard]] boost::asio::awaitable<std::expected<RowPage, StoreError>> scan_rows(
      std::string prefix, std::optional<std::string> after, std::size_t max) override;
  [[nodiscard]] boost::asio::awaitable<std::expected<Parcel, StoreError>> dump(
      std::optional<std::string> after, std::size_t max_bytes) override;
  [[nodiscard]] boost::asio::awaitable<std::expected<void, StoreError>> load(
      const Parcel& parcel) override;

 private:
  explicit LmdbStore(lmdb::Env env);

  template <typename Result, typename Work>
  [[nodiscard]] std::expected<Result, StoreError> commit(const Work& work);
  template <typename Result, typename Work>
  [[nodiscard]] std::expected<Result, StoreError> read(const Work& work);

  [[nodiscard]] bool is_still_at(Seq last);

  lmdb::Env env_;
  lmdb::ReaderPool readers_;
  // Of the one writer.
  nostr::MessageParser parser_;
  Sha256 sha256_;
};

}  // namespace store
