#pragma once
#include <chrono>
#include <memory>
#include <string>

#include "store/fetched/readers.h"
#include "store/postgres/committer.h"
#include "store/postgres/news.h"
#include "store/postgres/pool.h"
#include "store/store.h"

namespace store {

struct PostgresOptions {
  std::string url{};  ///< postgresql://…; may hold a password: never printed
  std::size_t readers =
      4;  ///< connections that read, opened as they are needed; one that writes and one that listens
          ///< come on top
  std::chrono::milliseconds timeout{10'000};  ///< for each call, tries included
  /// Hears what open() changed in the database, in a sentence.
  std::function<void(std::string_view)> tell{};
};

/// Events and rows in a PostgreSQL database (15 or later) that many instances share.
///
/// Thread-safety: as Store says. All connections live on a thread of its own; callers wait without blocking. While the
/// database is away calls fail, `unavailable`, after `timeout` at the latest; it is found again without help.
class PostgresStore final : public Store {
 public:
  /// Connects, and brings the schema to this version. Blocks. The error says what to do, and never the password.
  [[nodiscard]] static std::expected<std::unique_ptr<PostgresStore>, StoreError> open(
      const PostgresOptions& options);
  ~PostgresStore() override;

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
  [[nodiscard]] bool shared() const override { return true; }
  [[nodiscard]] boost::asio::awaitable<
      std::expected<std::shared_ptr<const CommitBatch>, StoreError>>
  catch_up() override;
  void on_news(std::function<void()> wake) override;
  [[nodiscard]] boost::asio::awaitable<std::expected<Parcel, StoreError>> dump(
      std::optional<std::string> after, std::size_t max_bytes) override;
  [[nodiscard]] boost::asio::awaitable<std::expected<void, StoreError>> load(
      const Parcel& parcel) override;

 private:
  explicit PostgresStore(const PostgresOptions& options);

  [[nodiscard]] boost::asio::awaitable<std::expected<void, StoreError>> prepare();
  [[nodiscard]] boost::asio::awaitable<std::expected<std::vector<postgres::Result>, StoreError>>
  read(std::vector<postgres::Call> calls, postgres::Deadline deadline);
  /// Of a call that begins now.
  [[nodiscard]] postgres::Deadline deadline() const;

  void wake() const;

  const PostgresOptions options_;
  fetched::Loop loop_;
  const std::shared_ptr<postgres::Pool> pool_;
  fetched::Readers readers_;
  postgres::Link link_;
  postgres::Committer committer_;
  std::string channel_;
  std::function<void()> wake_;  // of the loop's thread
  std::shared_ptr<postgres::NewsListener> listener_;
};

}  // namespace store
