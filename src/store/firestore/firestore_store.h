#pragma once
#include <chrono>
#include <memory>
#include <string>

#include "store/fetched/readers.h"
#include "store/firestore/committer.h"
#include "store/firestore/watch.h"
#include "store/store.h"

namespace store {

struct FirestoreOptions {
  std::string project{};
  std::string database = "(default)";
  std::string emulator_host{};   ///< "host:port"; empty: Google's Firestore
  std::size_t batch_size = 500;  ///< events in one commit at most
  std::chrono::milliseconds timeout{
      10'000};  ///< for each call, tries included, but not what Pace makes it wait
};

/// Events and rows in a Firestore database that many instances share (docs/format/firestore.md).
///
/// Thread-safety: as Store says. Callers wait without blocking. While Firestore is away calls fail, `unavailable`, after
/// `timeout` at the latest; it is found again without help.
///
/// append() of more than one commit takes (batch_size events, or some 600 KiB) is several, in order: if a later one fails the
/// error is unknown_outcome. What others committed between two of them moves those before it to CommitBatch::before.
class FirestoreStore final : public Store {
 public:
  /// Connects. Blocks. The error says what to do.
  [[nodiscard]] static std::expected<std::unique_ptr<FirestoreStore>, StoreError> open(
      const FirestoreOptions& options);
  ~FirestoreStore() override;

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
  FirestoreStore(const FirestoreOptions& options, firestore::ClientOptions client);

  [[nodiscard]] boost::asio::awaitable<std::expected<void, StoreError>> prepare();
  /// Commits of long ago, of which nobody has to hear any more. Whether it goes well is of no interest.
  [[nodiscard]] boost::asio::awaitable<void> forget_commits();
  [[nodiscard]] firestore::Deadline deadline() const;

  const FirestoreOptions options_;
  fetched::Loop loop_;
  const firestore::Names names_;
  const firestore::Client client_;
  const std::shared_ptr<firestore::Chain> chain_;
  firestore::Checks checks_;
  firestore::Pace pace_;
  firestore::Committer committer_;
  fetched::Readers readers_;
  std::unique_ptr<firestore::Watch> watch_;
};

}  // namespace store
