#include "contract/opinionated_stager.h"
#include "contract/random_events.h"
#include "contract/texts.h"
#include "store/memory/memory_store.h"

namespace test {
namespace {

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
