#pragma once
// What stores hand out as text, so that two of them can be compared and a difference read.
#include "contract/contract.h"

namespace test {

inline std::string text_of(const store::StoredEvent& stored) {
  return fmt::format("{} seq {} mark {} expires {}\n", stored.event->json, stored.seq, stored.mark,
                     stored.expires_at.value_or(-1));
}

inline std::string text_of(const std::vector<store::StoredEvent>& events) {
  std::string text;
  for (const auto& stored : events) text += text_of(stored);
  return text;
}

inline std::string text_of(const store::CommitBatch& batch) {
  std::string text = text_of(batch.events) + "last " + std::to_string(batch.last) + "\n";
  for (const auto& change : batch.changes) {
    text += fmt::format("{} = {} expires {}\n", change.key, change.value.value_or("(none)"),
                        change.expires_at.value_or(-1));
  }
  return text;
}

inline std::string text_of(const store::AppendResult& result) {
  std::string text = text_of(*result.batch);
  for (const auto& each : result.results) {
    text += std::to_string(static_cast<int>(each.outcome)) + " " + each.reason + "\n";
  }
  return text;
}

inline std::string text_of(const store::RowPage& page) {
  std::string text;
  for (const auto& row : page.rows) text += row.key + " = " + row.value + "\n";
  return text + std::to_string(page.snapshot) + " " + page.next.value_or("(end)");
}

}  // namespace test
