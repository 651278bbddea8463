#pragma once
#include <functional>
#include <vector>

#include "store/fetched/facts.h"
#include "store/postgres/stored_rows.h"

namespace store::postgres {

/// The calls that fetch what a commit needs, and the reading of their answers. Used by one thread.
class FactCalls {
 public:
  explicit FactCalls(const fetched::Needs& needs);

  [[nodiscard]] std::vector<Call> take_calls();
  [[nodiscard]] std::size_t size() const { return readers_.size(); }
  /// `results`: the answers to the calls, in order. False when something stored is damaged.
  [[nodiscard]] bool read(std::span<Result> results, fetched::Facts& facts,
                          nostr::MessageParser& parser) const;

 private:
  using Reader = std::function<bool(Result&, fetched::Facts&, nostr::MessageParser&)>;

  void add(const char* sql, Params params, Reader reader);
  void add_named(const fetched::Needs& needs);
  void add_lists(const fetched::Needs& needs);
  void add_left(const fetched::LeftKey& key, std::size_t count);

  std::vector<Call> calls_;
  std::vector<Reader> readers_;
};

}  // namespace store::postgres
