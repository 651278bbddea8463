#pragma once
#include "contract/contract.h"

namespace test {

/// Refuses, marks, expires and counts by what the event is, so that two stores must agree on all of
/// it.
TestStager opinionated_stager();

}  // namespace test
