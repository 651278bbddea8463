#include "contract/random_events.h"
#include "store/memory/memory_store.h"

namespace test {
namespace {

using store::RowChange;

/// Refuses, marks, expires and counts by what the event is, so that two stores must agree on all of
/// it.
TestStager opinionated_stager() {
  TestStager stager;
  const auto counter = [](const nostr::Event& event) {
    return "x/" + std::to_string(number_of(event.pubkey));
  };
  const auto count = [counter](const nostr::Event& event, const store::RowView& rows, int step) {
    const auto text = rows.get(counter(event));
    return RowChange{counter(event),
                     std::to_string((text ? std::stoi(std::string(*text)) : 0) + step)};
  };
  stager.on_reads = [counter](const store::Write& write, auto& reads) {
    reads.keys.push_back(counter(*write.event));
  };
  stager.on_stage =
      [count](const store::Write& write,
              const store::RowView& rows) -> std::expected<store::Staged, store::Refusal> {
    const std::uint64_t id = number_of(write.event->id);
    if (id % 11 == 0) return std::unexpected(store::Refusal{"blocked: " + std::to_string(id)});
    store::Staged staged{.changes = {{"y/" + hex(id), "here"}, count(*write.event, rows, 1)}};
    if (id % 5 == 0) staged.changes[0].expires_at = static_cast<base::UnixSeconds>(id % 60);
    staged.mark = static_cast<std::uint8_t>(id % 3);
    if (id % 7 == 0) staged.expires_at = 20 + static_cast<base::UnixSeconds>(id % 40);
    return staged;
  };
  stager.on_erase_reads = [counter](const store::StoredEvent& erased, auto& reads) {
    reads.keys.push_back(counter(*erased.event));
  };
  stager.on_stage_erase = [count](const store::StoredEvent& erased, const store::RowView& rows) {
    return std::vector{RowChange{"y/" + hex(number_of(erased.event->id)), std::nullopt},
                       count(*erased.event, rows, -1)};
  };
  return stager;
}

std::string text_of(const store::StoredEvent& stored) {
  return fmt::format("{} seq {} mark {} expires {}\n", stored.event->json, stored.seq, stored.mark,
                     stored.expires_at.value_or(-1));
}

std::string text_of(const std::vector<store::StoredEvent>& events) {
  std::string text;
  for (const auto& stored : events) text += text_of(stored);
  return text;
}

std::string text_of(const store::CommitBatch& batch) {
  std::string text = text_of(batch.events) + "last " + std::to_string(batch.last) + "\n";
  for (const auto& change : batch.changes) {
    text += fmt::format("{} = {} expires {}\n", change.key, change.value.value_or("(none)"),
                        change.expires_at.value_or(-1));
  }
  return text;
}

std::string text_of(const store::AppendResult& result) {
  std::string text = text_of(*result.batch);
  for (const auto& each : result.results) {
    text += std::to_string(static_cast<int>(each.outcome)) + " " + each.reason + "\n";
  }
  return text;
}

std::string text_of(const store::RowPage& page) {
  std::string text;
  for (const auto& row : page.rows) text += row.key + " = " + row.value + "\n";
  return text + std::to_string(page.snapshot) + " " + page.next.value_or("(end)");
}

class Differential : public Contract {
 protected:
  void append_to_both() {
    std::vector<store::Write> writes;
    for (std::uint64_t n = random_.below(12); n > 0; --n) {
      const auto expires = static_cast<base::UnixSeconds>(10 + random_.below(60));
      writes.push_back(
          write_of(random_.event(), random_.once_in(6) ? std::optional(expires) : std::nullopt));
      // Seldom, else all authors are soon barred and nothing is left to compare.
      writes.back().vanishes = writes.back().event->kind == 62 && random_.once_in(8);
    }
    const auto expected = must(await(oracle_.append(writes, stager_)));
    const auto found = append(writes, stager_);
    ASSERT_EQ(text_of(found), text_of(expected));
    last_ = found.batch->last;
  }

  void purge_both() {
    const auto now = static_cast<base::UnixSeconds>(random_.below(60));
    const std::size_t max = 1 + random_.below(6);
    const auto expected = must(await(oracle_.purge_expired(now, max, stager_)));
    const auto found = purge(now, max, stager_);
    ASSERT_EQ(found.removed, expected.removed);
    ASSERT_EQ(text_of(*found.batch), text_of(*expected.batch));
    last_ = found.batch->last;
  }

  void query_both() {
    const auto filter = random_.filter().build();
    Reading reading = random_.reading(last_);
    const auto found = text_of(read_all(store(), filter, reading));
    reading.max_events = reading.max_scanned = 100'000;
    ASSERT_EQ(found, text_of(read_all(oracle_, filter, reading)));
  }

  void scan_both() {
    const std::string prefix = random_.once_in(2) ? "x/" : "y/";
    const auto after = random_.once_in(2)
                           ? std::optional("y/" + hex(random_.below(RandomEvents::id_count)))
                           : std::nullopt;
    const std::size_t max = 1 + random_.below(20);
    ASSERT_EQ(text_of(must(await(store().scan_rows(prefix, after, max)))),
              text_of(must(await(oracle_.scan_rows(prefix, after, max)))));
  }

  const std::uint64_t seed_ = seed_from_environment();
  RandomEvents random_{seed_};
  store::MemoryStore oracle_;
  const TestStager stager_ = opinionated_stager();
  store::Seq last_ = 0;
};
FOR_EVERY_STORE(Differential);

TEST_P(Differential, AgreesWithTheOracle) {
  SCOPED_TRACE(fmt::format("GATEWAY_SEED={}", seed_));
  for (int round = 0; round < 150 && !HasFatalFailure(); ++round) {
    append_to_both();
    if (random_.once_in(5)) purge_both();
    for (int i = 0; i < 8 && !HasFatalFailure(); ++i) query_both();
    scan_both();
  }
}

}  // namespace
}  // namespace test
