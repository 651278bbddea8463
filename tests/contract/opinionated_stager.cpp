#include "contract/opinionated_stager.h"

namespace test {

using store::RowChange;

TestStager opinionated_stager() {
  TestStager stager;
  const auto counter = [](const nostr::Event& event) {
    return "x/" + std::to_string(number_of(event.pubkey));
  };
  const auto count = [counter](const nostr::Event& event, const store::RowView& rows, int step) {
    const auto text = rows.get(counter(event));
    return RowChange{counter(event),
                     std::to_string((text ? std::stoi(std::string(*text)) : 0) + step)};
  };
  stager.on_reads = [counter](const store::Write& write, auto& reads) {
    reads.keys.push_back(counter(*write.event));
  };
  stager.on_stage =
      [count](const store::Write& write,
              const store::RowView& rows) -> std::expected<store::Staged, store::Refusal> {
    const std::uint64_t id = number_of(write.event->id);
    if (id % 11 == 0) return std::unexpected(store::Refusal{"blocked: " + std::to_string(id)});
    store::Staged staged{.changes = {{"y/" + hex(id), "here"}, count(*write.event, rows, 1)}};
    if (id % 5 == 0) staged.changes[0].expires_at = static_cast<base::UnixSeconds>(id % 60);
    staged.mark = static_cast<std::uint8_t>(id % 3);
    if (id % 7 == 0) staged.expires_at = 20 + static_cast<base::UnixSeconds>(id % 40);
    return staged;
  };
  stager.on_erase_reads = [counter](const store::StoredEvent& erased, auto& reads) {
    reads.keys.push_back(counter(*erased.event));
  };
  stager.on_stage_erase = [count](const store::StoredEvent& erased, const store::RowView& rows) {
    return std::vector{RowChange{"y/" + hex(number_of(erased.event->id)), std::nullopt},
                       count(*erased.event, rows, -1)};
  };
  return stager;
}

}  // namespace test
