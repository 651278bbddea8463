#pragma once
#include <prometheus/collectable.h>

#include <string>
#include <vector>

#include "extensions/metrics/registry.h"
#include "relay/extension/measure.h"

namespace extensions::metrics {

/// All instruments, added up over the threads, and `measures` as Prometheus's metric families. `registry` outlives it.
/// docs/operations.md has the list.
class Families final : public prometheus::Collectable {
 public:
  Families(const Registry& registry, relay::Measures measures)
      : registry_(registry), measures_(std::move(measures)) {}

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;
  /// The same in the text format 0.0.4.
  [[nodiscard]] std::string text() const;

 private:
  const Registry& registry_;
  const relay::Measures measures_;
};

}  // namespace extensions::metrics
