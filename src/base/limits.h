#pragma once
// Every bound the relay enforces, in one place. Config overrides the ones an operator may want to move.
#include <cstddef>
#include <cstdint>

namespace base {

struct Limits {
  // What a client may send.
  std::int64_t max_message_bytes =
      512LL * 1024;  ///< one WebSocket message; a Welcome for 150 members is 110 kB
  std::int64_t max_event_tags = 5000;
  std::int64_t max_subscriptions = 300;   ///< per connection; MLS clients open one per group
  std::int64_t max_filters = 20;          ///< per REQ; at most 64
  std::int64_t max_filter_values = 2000;  ///< ids + authors + kinds + tag values of one filter
  std::int64_t max_open_filter_values =
      50'000;                          ///< the same, over all open subscriptions of a connection
  std::int64_t max_subid_length = 64;  ///< characters (NIP-01)
  std::int64_t default_limit = 500;    ///< stored events when a filter has no `limit`
  std::int64_t max_limit = 5000;       ///< larger limits are clamped
  std::int64_t max_count =
      100'000;  ///< events that one filter of a COUNT counts; above it the count is approximate
  std::int64_t max_keys_per_connection = 16;  ///< keys proved with NIP-42
  std::int64_t created_at_max_ahead_s = 900;  ///< created_at may lie this far in the future

  // What the relay holds for a client.
  std::int64_t max_connections = 100'000;
  std::int64_t max_connections_per_address = 256;          ///< of one public address; 0 = no limit
  std::int64_t max_send_queue_bytes = 16LL * 1024 * 1024;  ///< a slower reader is dropped
  std::int64_t send_queue_high_water_bytes = 1024LL * 1024;  ///< a stored query waits above it
  std::int64_t max_held_live_events =
      2'000;  ///< live events held for one subscription while it reads stored ones

  // Between the threads.
  std::int64_t max_writer_queue_events = 20'000;
  std::int64_t max_writer_queue_bytes = 128LL * 1024 * 1024;
  std::int64_t max_batch_events = 1000;  ///< per commit
  std::int64_t max_batch_bytes = 16LL * 1024 * 1024;
  std::int64_t query_page_events = 256;      ///< per store page
  std::int64_t query_page_scanned = 4096;    ///< index entries looked at per store page
  std::int64_t authorize_timeout_ms = 5000;  ///< an extension that takes longer has said no

  // Reconciliations (NIP-77).
  std::int64_t max_sync_events = 250'000;  ///< kept for all of one connection's, 40 bytes each
  std::int64_t max_reconciliations = 8;    ///< open on one connection
  std::int64_t neg_idle_timeout_s = 60;    ///< one whose client says nothing for so long ends
  std::int64_t neg_max_age_s = 300;        ///< and so does one that is open for so long
  // What an event must be, where the operator wants it.
  std::int64_t created_at_max_age_s = 0;  ///< created_at may lie this far in the past; 0 = any time
  std::int64_t min_pow_difficulty = 0;    ///< leading zero bits of an event's id (NIP-13)
  bool require_pow_commitment = false;    ///< the nonce tag must name a target that high
  std::int64_t max_content_length = 0;    ///< characters (NIP-11); 0 = what a message holds
};

}  // namespace base
