#include "extensions/mls_gateway/decision.h"

#include "extensions/mls_gateway/groups.h"
#include "extensions/mls_gateway/key_package_pool.h"
#include "extensions/mls_gateway/roster.h"
#include "extensions/mls_gateway/rows.h"
#include "nostr/kinds.h"

namespace extensions::mls_gateway {
namespace {

constexpr base::UnixSeconds day_s = 86'400;

/// Lifetimes count from arrival: a gift wrap's created_at may lie days back (NIP-59).
std::optional<base::UnixSeconds> archive_end(const Config& config, base::UnixSeconds now) {
  if (!config.enable_message_archive || config.message_archive_ttl_days == 0) return std::nullopt;
  return now + config.message_archive_ttl_days * day_s;
}

/// Memberships have no date to hold against the request's: an old one, replayed by whoever has it, must not end what came
/// after it. Its author may be late, everyone else not.
bool ends_memberships(const Publication& publication) {
  constexpr base::UnixSeconds fresh_s = 3600;
  return publication.event.kind == nostr::kind::vanish && publication.vanishes &&
         (publication.viewer.proves(publication.event.pubkey) ||
          publication.event.created_at >= publication.now - fresh_s);
}

bool is_invitation(const nostr::Event& event) {
  return event.kind == nostr::kind::gift_wrap && event.tags.first("h").has_value();
}

}  // namespace

bool decides_by_key(const nostr::Event& event) {
  return is_key_package(event) || event.kind == nostr::kind::group_message || is_invitation(event);
}

void rows_to_decide(const Publication& publication, store::Reads& reads) {
  const nostr::Event& event = publication.event;
  if (is_key_package(event))
    reads.keys = pool_rows(event);
  else if (event.kind == nostr::kind::group_message || is_invitation(event))
    reads.keys = group_rows(publication);
  else if (event.kind == nostr::kind::roster)
    roster_reads(event, reads);
  else if (ends_memberships(publication))
    vanish_reads(event.pubkey, reads);
}

std::expected<store::Staged, store::Refusal> decide(const Config& config,
                                                    const Publication& publication,
                                                    const store::RowView& rows) {
  const nostr::Event& event = publication.event;
  switch (event.kind) {
    case nostr::kind::key_package:
    case nostr::kind::addressable_key_package:
      return pool_package(config, publication, rows);
    case nostr::kind::group_message: {
      auto staged = accept_message(config, publication, rows);
      if (staged) staged->expires_at = archive_end(config, publication.now);
      return staged;
    }
    case nostr::kind::roster:
      return accept_roster(config, publication, rows);
    case nostr::kind::vanish:
      return ends_memberships(publication) ? leave_all_groups(event.pubkey, rows) : store::Staged{};
    case nostr::kind::gift_wrap:
      if (is_invitation(event)) {
        auto staged = accept_invitation(config, publication, rows);
        if (staged) staged->expires_at = publication.now + config.welcome_ttl;
        return staged;
      }
      [[fallthrough]];
    case nostr::kind::noise_dm:
      return store::Staged{.expires_at = archive_end(config, publication.now)};
    default:
      return store::Staged{};
  }
}

std::vector<std::string> rows_to_erase(const nostr::Event& event) {
  return is_key_package(event) ? pool_rows(event) : std::vector<std::string>{};
}

std::vector<store::RowChange> decide_erase(const store::StoredEvent& erased,
                                           const store::RowView& rows) {
  return is_key_package(*erased.event) ? unpool_package(erased, rows)
                                       : std::vector<store::RowChange>{};
}

}  // namespace extensions::mls_gateway
