#pragma once
#include <cstddef>

#include "store/store.h"

namespace test {

struct Race {
  std::size_t commits = 50;
  std::size_t readers = 2;
  std::size_t content_bytes = 100;
};

/// Appends batches while other threads read, and checks that every read saw whole commits, in
/// order, with their rows. REQUIRES: the store is empty.
void read_while_appending(store::Store& store, const Race& race);

}  // namespace test
