
#include "contract/concurrency.h"

#include "contract/contract.h"

namespace test {
namespace {

class Concurrency : public Contract {};
FOR_EVERY_STORE(Concurrency);

TEST_P(Concurrency, ReadersSeeWholeCommitsWhileAWriterAppends) {
  read_while_appending(store(), {.commits = 60, .readers = 3});
}

}  // namespace
}  // namespace test
