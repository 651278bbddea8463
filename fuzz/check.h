#pragma once
// What must hold for every input.
#include <cstdio>
#include <cstdlib>

/// Aborts, so that the fuzzer keeps the input.
inline void check(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", property);
  std::abort();
}
