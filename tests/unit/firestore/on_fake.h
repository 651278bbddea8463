#pragma once
// A client and a Firestore in the process of the test.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "fake_firestore/fake_firestore.h"
#include "store/firestore/client.h"
#include "support/await.h"

namespace test {

using namespace std::chrono_literals;
namespace v1 = google::firestore::v1;

using fake_firestore::Code;
using fake_firestore::FakeFirestore;
using fake_firestore::When;
using grpc::StatusCode;
using store::firestore::Client;
using store::firestore::Deadline;

inline Deadline in(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}
inline Deadline soon() { return in(20s); }

/// Asks until it says so; false after a long time.
template <class Condition>
bool eventually(const Condition& condition) {
  for (const Deadline end = soon(); std::chrono::steady_clock::now() < end;) {
    if (condition()) return true;
    std::this_thread::yield();
  }
  return false;
}

class OnFake : public testing::Test {
 protected:
  OnFake() { EXPECT_TRUE(started); }

  [[nodiscard]] store::firestore::ClientOptions options() const {
    return {.project = "p", .emulator_host = fake.host()};
  }

  /// Of the collection "c", with the field n; only where none was.
  [[nodiscard]] v1::Write creation(const std::string& id, std::int64_t n = 0) const {
    v1::Write write;
    write.mutable_update()->set_name(client.name_of("c/" + id));
    (*write.mutable_update()->mutable_fields())["n"].set_integer_value(n);
    write.mutable_current_document()->set_exists(false);
    return write;
  }
  [[nodiscard]] static v1::CommitRequest of(v1::Write write) {
    v1::CommitRequest request;
    *request.add_writes() = std::move(write);
    return request;
  }
  auto create(const std::string& id, std::int64_t n = 0) {
    return await(client.commit(of(creation(id, n)), soon()));
  }
  auto get(std::vector<std::string> names, Deadline deadline = soon()) {
    return await(client.batch_get(std::move(names), std::nullopt, deadline));
  }
  /// c WHERE n > `above` ORDER BY n
  [[nodiscard]] static v1::StructuredQuery above(std::int64_t n) {
    v1::StructuredQuery query;
    query.add_from()->set_collection_id("c");
    auto& filter = *query.mutable_where()->mutable_field_filter();
    filter.mutable_field()->set_field_path("n");
    filter.set_op(v1::StructuredQuery::FieldFilter::GREATER_THAN);
    filter.mutable_value()->set_integer_value(n);
    query.add_order_by()->mutable_field()->set_field_path("n");
    return query;
  }
  auto find(std::int64_t n, Deadline deadline = soon()) {
    return await(client.run_query(above(n), std::nullopt, deadline));
  }

  FakeFirestore fake;
  bool started = fake.start();
  Client client{options()};
};

}  // namespace test
