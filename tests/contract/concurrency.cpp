#include "contract/concurrency.h"

#include <atomic>
#include <thread>

#include "contract/contract.h"

namespace test {
namespace {

constexpr std::size_t batch_size = 10;

/// Ten notes and a new version of one profile: eleven numbers, and one event less to see from the
/// second batch on.
std::vector<store::Write> batch(std::size_t number, const Race& race) {
  std::vector<store::Write> writes;
  const auto first = 1 + number * 100;
  for (std::size_t i = 0; i < batch_size; ++i) {
    writes.push_back(write_of(EventBuilder(first + i)
                                  .at(static_cast<std::int64_t>(number))
                                  .content(std::string(race.content_bytes, 'x'))
                                  .tag({"t", "race"})));
  }
  writes.push_back(
      write_of(EventBuilder(first + batch_size).kind(0).at(static_cast<std::int64_t>(number))));
  return writes;
}

/// Writes the number of events committed so far into the row "x/notes".
TestStager note_counter() {
  TestStager stager;
  stager.on_reads = [](const auto&, auto& reads) { reads.keys.push_back("x/notes"); };
  stager.on_stage = [](const store::Write& write, const store::RowView& rows) {
    const auto text = rows.get("x/notes");
    const int notes = (text ? std::stoi(std::string(*text)) : 0) + (write.event->kind == 1);
    return store::Staged{.changes = {{"x/notes", std::to_string(notes)}}};
  };
  return stager;
}

/// One reader's round. Returns the newest commit it saw.
store::Seq check_once(store::Store& store, store::Seq before) {
  const auto filter = FilterBuilder().tag('t', {"race"}).build();
  const auto notes = read_page(store, filter, {.max_events = 100'000, .max_scanned = 100'000});
  EXPECT_GE(notes.snapshot, before) << "commits only go forward";
  EXPECT_EQ(notes.snapshot % (batch_size + 1), 0u) << "half a commit";
  const std::size_t batches = notes.snapshot / (batch_size + 1);
  EXPECT_EQ(notes.events.size(), batches * batch_size);

  const auto profiles = read_page(store, FilterBuilder().kinds({0}).build());
  EXPECT_EQ(profiles.events.size(), profiles.snapshot > 0 ? 1u : 0u) << "a version is always there";

  const auto rows = must(await(store.scan_rows("x/", std::nullopt, 10)));
  EXPECT_GE(rows.snapshot, profiles.snapshot);
  if (!rows.rows.empty()) {
    EXPECT_EQ(rows.rows[0].value, std::to_string(rows.snapshot / (batch_size + 1) * batch_size));
  }
  return rows.snapshot;
}

}  // namespace

void read_while_appending(store::Store& store, const Race& race) {
  std::atomic<bool> done = false;
  std::vector<std::thread> readers;
  for (std::size_t i = 0; i < race.readers; ++i) {
    readers.emplace_back([&] {
      store::Seq seen = 0;
      while (!done && !testing::Test::HasFailure()) seen = check_once(store, seen);
    });
  }
  const TestStager stager = note_counter();
  for (std::size_t number = 0; number < race.commits; ++number) {
    const auto result = await(store.append(batch(number, race), stager));
    EXPECT_TRUE(result) << result.error().message;
    if (!result) break;
  }
  done = true;
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(check_once(store, 0), race.commits * (batch_size + 1));
}

}  // namespace test
