#pragma once
// A Firestore in the process of the tests, and an empty database in it.
#include <fmt/format.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>

#include "fake_firestore/fake_firestore.h"
#include "store/firestore/firestore_store.h"

namespace test {

/// A database of one's own, in a server that all share, or in one of its own to bring faults into.
class FirestoreDatabase {
 public:
  FirestoreDatabase() : FirestoreDatabase(shared_server()) {}
  explicit FirestoreDatabase(std::shared_ptr<fake_firestore::FakeFirestore> server)
      : server_(std::move(server)), name_(fmt::format("t{}", next_number())) {}

  [[nodiscard]] static std::shared_ptr<fake_firestore::FakeFirestore> new_server() {
    auto server = std::make_shared<fake_firestore::FakeFirestore>();
    if (!server->start()) throw std::runtime_error("no port for a Firestore");
    return server;
  }

  [[nodiscard]] fake_firestore::FakeFirestore& server() const { return *server_; }
  [[nodiscard]] store::FirestoreOptions options() const {
    return {.project = "test", .database = name_, .emulator_host = server_->host()};
  }

 private:
  static std::shared_ptr<fake_firestore::FakeFirestore> shared_server() {
    static std::weak_ptr<fake_firestore::FakeFirestore> shared;
    auto server = shared.lock();
    if (!server) shared = server = new_server();
    return server;
  }
  static int next_number() {
    static std::atomic<int> number = 0;
    return ++number;
  }

  std::shared_ptr<fake_firestore::FakeFirestore> server_;
  std::string name_;
};

}  // namespace test
