#pragma once
// Firestore's protocol as coroutines.
// https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1
#include <google/firestore/v1/firestore.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <grpcpp/security/credentials.h>

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "store/firestore/failure.h"

namespace store::firestore {

namespace v1 = google::firestore::v1;

using Deadline = std::chrono::steady_clock::time_point;
using google::protobuf::Timestamp;

struct ClientOptions {
  std::string project{};
  std::string database = "(default)";
  std::string emulator_host{};  ///< "host:port", without TLS; empty: Google's
  /// REQUIRED without an emulator_host, unused with one.
  std::shared_ptr<grpc::ChannelCredentials> credentials{};
};

/// What was answered so far, in the units of the bill: https://cloud.google.com/firestore/pricing
struct Billed {
  std::uint64_t reads = 0;  ///< documents; absent ones and empty results count one
  std::uint64_t writes = 0;
  std::uint64_t deletes = 0;
};

struct BatchGot {
  std::unordered_map<std::string, v1::Document> found{};  ///< by relative name; others are missing
  Timestamp read_time{};  ///< of the last answer: what was found held until then
};

struct QueryGot {
  std::vector<v1::Document> documents{};  ///< in the order of the query
  Timestamp read_time{};
};

class Channels;

/// One database. Thread-safe. Names are relative to its documents: "commits/0000000000000001".
///
/// Its coroutines go on on the caller's executor, and may outlive it. Cancelling one (terminal)
/// cancels the call: it fails with CANCELLED. Every call ends by its deadline.
class Client {
 public:
  /// Does not connect yet.
  explicit Client(ClientOptions options);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  /// Cancels what is under way, which fails with CANCELLED, and waits until gRPC has let go of it:
  /// afterwards nothing is posted to any executor. REQUIRES: not called by a callback of gRPC;
  /// listeners were stopped; the executors of callers are there yet, but need not run.
  ~Client();

  /// All writes at once, or none. One attempt; after a failure ask may_have_happened(). Sets
  /// `database`; the names in the writes are full ones.
  [[nodiscard]] boost::asio::awaitable<std::expected<void, Failure>> commit(
      v1::CommitRequest request, Deadline deadline) const;

  /// Without `at`: as of now, that is, not before the call. Passing failures are tried again until
  /// the deadline; the last one is reported. Without names nothing is asked.
  [[nodiscard]] boost::asio::awaitable<std::expected<BatchGot, Failure>> batch_get(
      std::vector<std::string> names, std::optional<Timestamp> at, Deadline deadline) const;

  /// As batch_get(). Asks below the root; what comes is bounded by the query's limit alone.
  [[nodiscard]] boost::asio::awaitable<std::expected<QueryGot, Failure>> run_query(
      v1::StructuredQuery query, std::optional<Timestamp> at, Deadline deadline) const;

  /// How many documents a query finds. As run_query(); a read for every 1000.
  [[nodiscard]] boost::asio::awaitable<std::expected<std::uint64_t, Failure>> count(
      v1::StructuredQuery query, std::optional<Timestamp> at, Deadline deadline) const;

  /// projects/P/databases/D/documents/<relative>
  [[nodiscard]] std::string name_of(std::string_view relative) const;
  /// "" of a name of another database. The view is into `name`.
  [[nodiscard]] std::string_view relative_of(std::string_view name) const;

  [[nodiscard]] Billed billed() const;

  /// For Listener.
  [[nodiscard]] const std::shared_ptr<Channels>& channels() const { return channels_; }

 private:
  std::shared_ptr<Channels> channels_;  // whoever waits for a call owns them as well
};

}  // namespace store::firestore
