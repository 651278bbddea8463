#pragma once
#include <algorithm>

#include "store/ledger.h"

namespace store {

/// Shows the declared rows only: a decision that reads more would work here and break on a store
/// that fetches ahead. Outlived by the ledger and by `reads`, which it sorts.
class DeclaredRows final : public RowView {
 public:
  DeclaredRows(Ledger& ledger, Reads& reads) : ledger_(ledger), reads_(reads) {
    std::ranges::sort(reads.keys);
  }
  [[nodiscard]] std::optional<std::string_view> get(std::string_view key) const override {
    if (!std::ranges::binary_search(reads_.keys, key) && !covers(key)) return std::nullopt;
    return ledger_.row(key);
  }
  [[nodiscard]] std::vector<Row> scan(std::string_view prefix) const override {
    return covers(prefix) ? ledger_.rows_below(prefix) : std::vector<Row>{};
  }

 private:
  [[nodiscard]] bool covers(std::string_view key) const {
    return std::ranges::any_of(
        reads_.prefixes, [key](const std::string& declared) { return key.starts_with(declared); });
  }

  Ledger& ledger_;
  const Reads& reads_;
};

}  // namespace store
