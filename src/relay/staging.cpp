#include "relay/staging.h"

#include <algorithm>
#include <iterator>

namespace relay {
namespace {

template <typename T>
void append(std::vector<T>& to, std::vector<T> from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

Staging::Staging(const Extensions& extensions) {
  std::ranges::copy_if(extensions, std::back_inserter(members_), [](const auto& extension) {
    return extension->phases().has(Phase::stage_write);
  });
}

void Staging::reads(const store::Write& write, store::Reads& reads) const {
  for (const auto& member : members_) member->reads(write, reads);
}

std::expected<store::Staged, store::Refusal> Staging::stage(const store::Write& write,
                                                            const store::RowView& rows) const {
  store::Staged all;
  for (const auto& member : members_) {
    auto staged = member->stage(write, rows);
    if (!staged) return staged;
    append(all.changes, std::move(staged->changes));
    all.mark |= staged->mark;
    if (staged->expires_at && (!all.expires_at || *staged->expires_at < *all.expires_at))
      all.expires_at = staged->expires_at;
  }
  return all;
}

void Staging::erase_reads(const store::StoredEvent& erased, store::Reads& reads) const {
  for (const auto& member : members_) member->erase_reads(erased, reads);
}

std::vector<store::RowChange> Staging::stage_erase(const store::StoredEvent& erased,
                                                   const store::RowView& rows) const {
  std::vector<store::RowChange> all;
  for (const auto& member : members_) append(all, member->stage_erase(erased, rows));
  return all;
}

}  // namespace relay
