#pragma once
#include <cstdint>

namespace fake_firestore {

/// What Firestore would bill: https://cloud.google.com/firestore/pricing#operations
struct Counts {
  std::int64_t reads = 0;
  std::int64_t writes = 0;
  std::int64_t deletes = 0;
};

}  // namespace fake_firestore
