#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "fake_firestore/counts.h"
#include "fake_firestore/failure.h"
#include "fake_firestore/faults.h"

namespace fake_firestore {

/// A Firestore for tests: gRPC without TLS on a loopback port, documents in memory. What it does
/// was checked against Google's emulator by way of the official Node.js client
/// (tests/road/firestore_fake.test.js). Unlike that emulator, and like Firestore itself, it tells
/// listeners of changes alone, and knows resume tokens; and it fails on demand.
///
/// What it has not: indexes (every query is answered), security rules, pipelines, vectors, the
/// Write stream. Thread-safe, but for start() and stop().
class FakeFirestore {
 public:
  FakeFirestore();
  ~FakeFirestore();
  FakeFirestore(const FakeFirestore&) = delete;
  FakeFirestore& operator=(const FakeFirestore&) = delete;

  /// False: the port is taken. 0: any free one, or the one it had before.
  [[nodiscard]] bool start(std::uint16_t port = 0);
  /// An outage: every call ends, nothing listens; documents and faults stay for the next start().
  void stop();
  [[nodiscard]] std::uint16_t port() const;
  /// For FIRESTORE_EMULATOR_HOST.
  [[nodiscard]] std::string host() const;

  [[nodiscard]] Faults& faults();

  /// Open Listen streams.
  [[nodiscard]] std::size_t streams() const;
  void cut_streams(Code code = Code::unavailable);
  /// RESET and the whole result again, to every target.
  void reset_targets();
  /// Targets that resume from now on are sent RESET and the whole result.
  void forget_tokens();
  /// A NO_CHANGE with a later resume token, on every stream.
  void heartbeat();

  [[nodiscard]] Counts counts() const;
  void clear_counts();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace fake_firestore
