#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "store/rows.h"

namespace extensions::mls_gateway {

/// Rows that were fetched by key, as a decision wants to see them. `keys` and `values` outlive it.
class FetchedRows final : public store::RowView {
 public:
  FetchedRows(const std::vector<std::string>& keys,
              const std::vector<std::optional<std::string>>& values)
      : keys_(keys), values_(values) {}

  std::optional<std::string_view> get(std::string_view key) const override {
    const auto found = std::ranges::find(keys_, key);
    if (found == keys_.end()) return std::nullopt;
    const auto& value = values_[static_cast<std::size_t>(found - keys_.begin())];
    return value ? std::optional<std::string_view>(*value) : std::nullopt;
  }
  // Decisions that scan are left to the commit (decides_by_key).
  std::vector<store::Row> scan(std::string_view) const override { return {}; }

 private:
  const std::vector<std::string>& keys_;
  const std::vector<std::optional<std::string>>& values_;
};

}  // namespace extensions::mls_gateway
