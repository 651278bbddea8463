#pragma once
// What the tests of several instances on one Firestore share.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "contract/contract.h"
#include "support/firestore_database.h"

namespace test {

namespace fs = store::firestore;

/// On a server of its own, for faults.
class FirestoreInstances : public testing::Test {
 protected:
  using Store = std::unique_ptr<store::FirestoreStore>;

  [[nodiscard]] Store open(std::chrono::milliseconds timeout = std::chrono::seconds(20)) const {
    auto options = database_.options();
    options.timeout = timeout;
    auto opened = store::FirestoreStore::open(options);
    if (!opened) throw std::runtime_error(opened.error().message);
    return *std::move(opened);
  }
  static store::AppendResult add(store::Store& store, const std::vector<EventBuilder>& events,
                                 const store::Stager& stager = store::NoStager()) {
    return must(await(store.append(writes_of(events), stager)));
  }
  static std::shared_ptr<const store::CommitBatch> news(store::Store& store) {
    return must(await(store.catch_up()));
  }

  [[nodiscard]] fake_firestore::FakeFirestore& server() const { return database_.server(); }
  [[nodiscard]] fake_firestore::Faults& faults() const { return server().faults(); }

  // Past the store, as an operator might.
  [[nodiscard]] fs::Commit commit_at(std::uint64_t slot) const {
    std::vector<std::string> names(1, fs::commit_name(slot));
    const auto got = await(client_.batch_get(std::move(names), {}, soon()));
    auto commit = fs::commit_in(got.value().found.at(fs::commit_name(slot)));
    return commit.value();
  }
  void put(const fs::Commit& commit) const { write(fs::put(fs::commit_document(names_, commit))); }
  void erase(const std::string& name) const { write(fs::erase(names_, name)); }

  const FirestoreDatabase database_{FirestoreDatabase::new_server()};

 private:
  static fs::Deadline soon() { return std::chrono::steady_clock::now() + std::chrono::seconds(10); }
  void write(fs::v1::Write write) const {
    fs::v1::CommitRequest request;
    *request.add_writes() = std::move(write);
    if (!await(client_.commit(std::move(request), soon()))) throw std::runtime_error("no commit");
  }

  const fs::Names names_{database_.options().project, database_.options().database};
  const fs::Client client_{{.project = database_.options().project,
                            .database = database_.options().database,
                            .emulator_host = database_.options().emulator_host}};
};

/// The ids of all batches before `batch`, one list for each.
inline std::vector<Ids> before(const store::CommitBatch& batch) {
  std::vector<Ids> all;
  for (const auto& other : batch.before) all.push_back(ids_of(other->events));
  return all;
}

/// Counts in a row that every commit reads and writes: one that is lost shows.
inline TestStager counting() {
  TestStager stager;
  stager.on_reads = [](const auto&, auto& reads) { reads.keys.push_back("x/count"); };
  stager.on_stage = [](const auto&, const store::RowView& rows) {
    const auto text = rows.get("x/count");
    const int count = text ? std::stoi(std::string(*text)) : 0;
    return store::Staged{.changes = {{"x/count", std::to_string(count + 1)}}};
  };
  return stager;
}

inline std::optional<std::string> count_in(store::Store& store) {
  return must(await(store.get_rows({"x/count"}))).front();
}

}  // namespace test
