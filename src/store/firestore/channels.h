#pragma once
// The connections to Firestore, and what every call on them has in common.
#include <google/firestore/v1/firestore.grpc.pb.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "store/firestore/client.h"
#include "store/firestore/under_way.h"

namespace store::firestore {

/// Two channels that unary calls and queries share, so that a large answer does not hold up all
/// others, and one for Listen. Thread-safe. Not to be destroyed by a callback of gRPC.
class Channels {
 public:
  using Stub = v1::Firestore::Stub;

  explicit Channels(const ClientOptions& options);

  /// For the next call: in turn, but one that has a connection rather than one that has none.
  /// `down`: neither can connect; a call would fail at once.
  struct Line {
    Stub* stub;
    bool down;
  };
  [[nodiscard]] Line next();
  [[nodiscard]] Stub& listening() { return *lines_.back().stub; }

  /// The headers of every call.
  void prepare(grpc::ClientContext& context) const;

  /// projects/P/databases/D, and what stands below it.
  [[nodiscard]] const std::string& database() const { return database_; }
  [[nodiscard]] const std::string& root() const { return root_; }
  /// Of documents, as Client has them.
  [[nodiscard]] std::string name_of(std::string_view relative) const;
  [[nodiscard]] std::string_view relative_of(std::string_view name) const;

  [[nodiscard]] const std::shared_ptr<UnderWay>& under_way() const { return under_way_; }

  void bill(const Billed& more);
  [[nodiscard]] Billed billed() const;

 private:
  struct Owned {
    std::shared_ptr<grpc::Channel> channel;
    std::unique_ptr<Stub> stub;
  };

  std::string database_, root_;
  bool emulated_;
  std::array<Owned, 3> lines_;  // the last one listens
  std::atomic<unsigned> turn_{0};
  std::shared_ptr<UnderWay> under_way_ = std::make_shared<UnderWay>();
  std::atomic<std::uint64_t> reads_{0}, writes_{0}, deletes_{0};
};

}  // namespace store::firestore
