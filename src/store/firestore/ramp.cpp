#include "store/firestore/ramp.h"

#include <algorithm>
#include <cmath>

namespace store::firestore {

using Seconds = std::chrono::duration<double>;

double Ramp::rate(Time now) const {
  const auto steps = static_cast<double>((now - start_) / step);
  return std::min(most, first * std::pow(factor, steps));
}

Ramp::Duration Ramp::book(std::size_t writes, Time now) {
  const Seconds cost(static_cast<double>(writes) / rate(now));
  paid_until_ = std::max(paid_until_, now - std::chrono::seconds(1)) +
                std::chrono::duration_cast<Duration>(cost);
  return std::max(paid_until_ - now, Duration::zero());
}

}  // namespace store::firestore
