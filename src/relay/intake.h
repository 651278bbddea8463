#pragma once
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "relay/admission.h"
#include "relay/worker.h"

namespace relay {

/// Events that no client brings, such as an operator's import: judged as if an anonymous client had sent them, by the
/// same rules and extensions. What it lets through becomes a Write for Store::append with Staging, which decides the
/// rest. Used by one thread; `options` and `extensions` outlive it.
class Intake : private Operations {
 public:
  enum class Checks { all, all_but_id_and_signature };

  Intake(const RelayOptions& options, store::RowReader& rows, const Extensions& extensions,
         Checks checks);
  ~Intake();

  /// Lets the extensions load what they must know; false when one cannot.
  [[nodiscard]] bool start();

  /// `json`: one event. `uncommitted`: how many writes before it are not in the store yet. The error is a reason, with
  /// its prefix.
  [[nodiscard]] std::expected<store::Write, std::string> take(std::string_view json,
                                                              std::size_t uncommitted);

  /// Each commit of what it took, before the next take().
  void on_commit(const store::CommitBatch& batch) { admission_.on_commit(batch); }

 private:
  // Operations: no event needs one.
  [[nodiscard]] boost::asio::awaitable<std::expected<std::vector<store::StoredEvent>, std::string>>
  perform(store::OperationPtr operation) override;

  [[nodiscard]] std::expected<nostr::EventPtr, std::string> parse(std::string_view json);
  [[nodiscard]] Verdict authorize(const EventContext& context);
  using Deadline = std::chrono::steady_clock::time_point;
  /// Runs it to its end; it is cancelled when the deadline has passed.
  void run(boost::asio::awaitable<void> task, Deadline deadline);

  const RelayOptions& options_;
  boost::asio::io_context context_{1};
  Admission admission_;
  nostr::MessageParser parser_;
  nostr::Verifier verifier_;
  const Checks checks_;
  const nostr::ViewerPtr nobody_ = std::make_shared<const nostr::Viewer>();
  const base::IpAddress nowhere_{};
};

}  // namespace relay
