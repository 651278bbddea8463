#include "config/config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/log_levels.h"
#include "nostr/nip19.h"
#include "nostr/nip42.h"

namespace config {

namespace {

using base::each;
using base::Setting;
using Problem = std::optional<std::string>;

Setting::Check not_empty(const std::string& value) {
  return [&value]() -> Problem {
    if (!value.empty()) return std::nullopt;
    return "must not be empty; leave the key out for the default";
  };
}

Problem check_whitelisted(const std::string& entry) {
  if (is_placeholder_key(entry)) return std::nullopt;
  if (auto key = nostr::parse_public_key(entry); !key) return std::move(key.error());
  return std::nullopt;
}

Problem check_relay_url(const std::string& url) {
  if (nostr::parse_relay_url(url)) return std::nullopt;
  return "is not the URL of a relay; write it like \"wss://relay.example.com\"";
}

Problem check_origin(const std::string& origin) {
  if (origin == "*") return std::nullopt;
  const auto scheme_end = origin.find("://");
  const bool web = origin.starts_with("http://") || origin.starts_with("https://");
  if (web && origin.size() > scheme_end + 3 && origin.find('/', scheme_end + 3) == origin.npos)
    return std::nullopt;
  return "is not an origin; write \"*\" or scheme and host without a path, like "
         "\"https://chat.example.com\"";
}

#ifdef GATEWAY_POSTGRES
constexpr bool has_postgres = true;
#else
constexpr bool has_postgres = false;
#endif
#ifdef GATEWAY_FIRESTORE
constexpr bool has_firestore = true;
#else
constexpr bool has_firestore = false;
#endif

bool is_postgres(const std::string& backend) {
  return backend == "postgres" || backend == "cloudsql";
}

bool is_built_in(const std::string& backend) {
  if (is_postgres(backend)) return has_postgres;
  if (backend == "firestore") return has_firestore;
  return backend == "lmdb" || backend == "memory";
}

std::string built_in() {
  std::vector<std::string> names;
  for (const char* name : {"lmdb", "memory", "postgres", "cloudsql", "firestore"}) {
    if (is_built_in(name)) names.push_back(fmt::format("\"{}\"", name));
  }
  const std::string last = std::move(names.back());
  names.pop_back();
  return fmt::format("{} and {}", fmt::join(names, ", "), last);
}

/// A document holds 1 MiB and 40,000 index entries, four of them for each tag.
constexpr std::int64_t firestore_message_bytes = 900 * 1024, firestore_event_tags = 9000;

Problem check_firestore(const base::Limits& limits) {
  if (limits.max_message_bytes <= firestore_message_bytes &&
      limits.max_event_tags <= firestore_event_tags)
    return std::nullopt;
  return fmt::format(
      "\"firestore\" cannot hold every event that the limits admit; set limits.max_message_bytes "
      "to {} "
      "or less and limits.max_event_tags to {} or less",
      firestore_message_bytes, firestore_event_tags);
}

/// The documented names of stores that only some builds have are answered with more than "unknown".
Problem check_backend(const Storage& storage, const base::Limits& limits) {
  const std::string& backend = storage.backend;
  if (backend == "firestore" && storage.project_id.empty())
    return "project_id required for Firestore backend; set it here, or export "
           "GOOGLE_CLOUD_PROJECT=your-project-id";
  if (is_postgres(backend) && storage.database_url.empty())
    return fmt::format(
        "database_url required for {} backend; set it like \"postgresql://user:pass@host/db\"",
        backend == "cloudsql" ? "Cloud SQL" : "PostgreSQL");
  if (is_built_in(backend)) return backend == "firestore" ? check_firestore(limits) : std::nullopt;
  return fmt::format(
      "\"{}\" is {}; this build has {}, use one of them", backend,
      is_postgres(backend) || backend == "firestore" ? "not part of this build" : "not known",
      built_in());
}

/// Says nothing of what is there: it may hold a password.
Problem check_database_url(const Storage& storage) {
  const std::string_view url = storage.database_url;
  if (!is_postgres(storage.backend) || url.empty() || url.starts_with("postgresql://") ||
      url.starts_with("postgres://"))
    return std::nullopt;
  return "is not the URL of a PostgreSQL database; write it like "
         "\"postgresql://user:pass@host/db\"";
}

void declare_server(base::Settings& settings, Server& server) {
  settings.add({"server",
                "host",
                "Address to listen on; \"0.0.0.0\" = all of them, \"::\" = all of IPv6 and IPv4.",
                &server.host,
                not_empty(server.host),
                {}});
  settings.add({"server",
                "port",
                "TCP port; 0 = any free one, named in the log.",
                &server.port,
                base::in_range(server.port, 0, 65535),
                {"PORT"}});
  settings.add({"server",
                "workers",
                "Threads that serve clients; 0 = one per core.",
                &server.workers,
                base::in_range(server.workers, 0, 1024),
                {}});
  settings.add({"server",
                "allowed_origins",
                "Web origins whose pages may read HTTP answers (CORS); \"*\" = all, [] = "
                "none.",
                &server.allowed_origins,
                each(server.allowed_origins, check_origin),
                {"ALLOWED_ORIGINS"},
                true});
  settings.add({"server",
                "compression",
                "Compress messages for clients that offer it (permessage-deflate).",
                &server.compression,
                {},
                {}});
  settings.add({"server",
                "eose_hints",
                "Say in EOSE when certainly everything was sent (NIP-67); some clients do not "
                "understand it.",
                &server.eose_hints,
                {},
                {}});
}

void declare_data(base::Settings& settings, Data& data) {
  settings.add({"data",
                "path",
                "Folder of the store; made if it is missing.",
                &data.path,
                not_empty(data.path),
                {}});
  settings.add({"data",
                "map_size_mb",
                "Address space that the store starts with, in MiB; it grows when it is full.",
                &data.map_size_mb,
                base::in_range(data.map_size_mb, 1, 64 * 1024 * 1024),
                {}});
}

void declare_auth(base::Settings& settings, Auth& auth) {
  settings.add({"auth",
                "enabled",
                "Offer NIP-42 authentication; gated groups need it.",
                &auth.enabled,
                {},
                {}});
  settings.add({"auth",
                "required",
                "Serve only connections that have authenticated.",
                &auth.required,
                [&auth]() -> Problem {
                  if (!auth.required || auth.enabled) return std::nullopt;
                  return "needs auth.enabled = true";
                },
                {"NOSTR_AUTH_REQUIRED"},
                true});
  settings.add(
      {"auth",
       "pubkey_whitelist",
       "Public keys (hex or npub1…) that are admitted, as author of an event or as a key that "
       "the connection proved; [] = everybody.",
       &auth.pubkey_whitelist,
       [&auth, entries = each(auth.pubkey_whitelist, check_whitelisted)]() -> Problem {
         if (auth.pubkey_whitelist.empty() || auth.enabled) return entries();
         return "protects nothing while auth.enabled = false; set it to true, or leave "
                "the list out";
       },
       {},
       true});
  settings.add({"auth",
                "relay_urls",
                "URLs of this relay (\"wss://relay.example.com\"); an AUTH event must name one. "
                "[] = loopback and the address listened on; needed behind a proxy.",
                &auth.relay_urls,
                each(auth.relay_urls, check_relay_url),
                {},
                true});
}

void declare_log(base::Settings& settings, Log& log) {
  settings.add(
      {"log",
       "level",
       "The least level that is logged: trace, debug, info, warn, error or off; for parts of "
       "the relay too, like \"info,net=debug\".",
       &log.level,
       [&log]() -> Problem {
         auto levels = base::parse_log_levels(log.level);
         return levels ? Problem() : std::move(levels.error());
       },
       {"LOG_LEVEL", "RUST_LOG"},
       true});
  settings.add(
      {"log",
       "format",
       "\"text\" for people, \"json\" for machines: one object a line; \"auto\" = text on a "
       "terminal, else JSON.",
       &log.format,
       base::one_of(log.format, {"auto", "text", "json"}),
       {}});
  settings.add(
      {"log",
       "client_addresses",
       "In debug lines of relay, where a client connects from: \"off\", or \"hashed\" with a "
       "salt that lasts until the relay ends.",
       &log.client_addresses,
       base::one_of(log.client_addresses, {"off", "hashed"}),
       {},
       true});
}

void declare_storage(base::Settings& settings, Storage& storage, const base::Limits& limits) {
  const std::string section = "extensions.mls_gateway";
  settings.add({section,
                "storage_backend",
                "Where events are kept: \"lmdb\" (in data.path), \"memory\" (gone at exit), or, "
                "where it is built in, \"postgres\" or its other name \"cloudsql\" (at "
                "database_url), \"firestore\" (of project_id).",
                &storage.backend,
                [&storage, &limits] { return check_backend(storage, limits); },
                {}});
  settings.add({section,
                "project_id",
                "Google Cloud project of a Firestore store.",
                &storage.project_id,
                {},
                {"GOOGLE_CLOUD_PROJECT", "FIREBASE_PROJECT_ID"}});
  settings.add({section,
                "firestore_database",
                "Database of that project.",
                &storage.firestore_database,
                not_empty(storage.firestore_database),
                {}});
  settings.add({section,
                "firestore_batch_size",
                "Events in one commit to Firestore at most.",
                &storage.firestore_batch_size,
                base::in_range(storage.firestore_batch_size, 1, 500),
                {}});
  settings.add(
      {section,
       "database_url",
       "URL of a PostgreSQL store, like \"postgresql://user:pass@host/db\"; with a password "
       "better in the environment than in the file. Never printed.",
       &storage.database_url,
       [&storage] { return check_database_url(storage); },
       {}});
  settings.add({section,
                "database_connections",
                "Connections to PostgreSQL for reading, each process; one for writing and one for "
                "news come on top.",
                &storage.database_connections,
                base::in_range(storage.database_connections, 1, 20),
                {}});
  settings.add(
      {section,
       "database_timeout_s",
       "Seconds that PostgreSQL or Firestore may take for an answer before it counts as away.",
       &storage.database_timeout_s,
       base::in_range(storage.database_timeout_s, 1, 300),
       {}});
}

struct Limit {
  const char* key;
  const char* help;
  std::int64_t base::Limits::* member;
  std::int64_t low, high;
};

constexpr std::int64_t mib = 1024 * 1024;
constexpr std::int64_t max_back_dating_s = 2 * 86'400;  // of a gift wrap

constexpr Limit movable_limits[] = {
    {"max_message_bytes", "One WebSocket message.", &base::Limits::max_message_bytes, 1024,
     8 * mib},
    {"max_event_tags", "Tags of one event.", &base::Limits::max_event_tags, 1, 100'000},
    {"max_subscriptions", "Open subscriptions of one connection.", &base::Limits::max_subscriptions,
     1, 100'000},
    {"max_filters", "Filters of one REQ.", &base::Limits::max_filters, 1, 64},
    {"max_filter_values", "Ids, authors, kinds and tag values of one filter, together.",
     &base::Limits::max_filter_values, 1, 100'000},
    {"default_limit", "Stored events sent for a filter without `limit`.",
     &base::Limits::default_limit, 1, 1'000'000},
    {"max_limit", "Stored events sent for one filter; a larger `limit` is clamped to it.",
     &base::Limits::max_limit, 1, 1'000'000},
    {"max_count",
     "Events that one filter of a COUNT counts; above it the answer says \"approximate\".",
     &base::Limits::max_count, 1, 1'000'000'000},
    {"max_keys_per_connection", "Public keys that one connection may prove (NIP-42).",
     &base::Limits::max_keys_per_connection, 1, 1000},
    {"created_at_max_ahead_s", "How far in the future `created_at` may lie, in seconds.",
     &base::Limits::created_at_max_ahead_s, 0, 365 * 86'400},
    {"max_connections", "Open connections.", &base::Limits::max_connections, 1, 10'000'000},
    {"max_send_queue_bytes", "Bytes waiting for one client; a slower reader is dropped.",
     &base::Limits::max_send_queue_bytes, 2 * mib, 1024 * mib},
    {"authorize_timeout_ms", "Milliseconds after which an extension's decision counts as no.",
     &base::Limits::authorize_timeout_ms, 1, 600'000},
    {"max_sync_events",
     "Events that the open reconciliations (NIP-77) of one connection may cover; 40 bytes each.",
     &base::Limits::max_sync_events, 1, 10'000'000},
    {"neg_idle_timeout_s", "Seconds of silence after which an open reconciliation ends.",
     &base::Limits::neg_idle_timeout_s, 1, 86'400},
    {"neg_max_age_s",
     "Seconds after which an open reconciliation ends in any case: with a sidecar also how long it "
     "may go on naming ids to somebody whom the sidecar has dropped.",
     &base::Limits::neg_max_age_s, 1, 86'400},
    {"max_connections_per_address",
     "Open connections of one public IPv4 address or IPv6 /64; 0 = no limit.",
     &base::Limits::max_connections_per_address, 0, 10'000'000},
    {"created_at_max_age_s", "How far in the past `created_at` may lie, in seconds; 0 = any time.",
     &base::Limits::created_at_max_age_s, 0, 100LL * 366 * 86'400},
    {"min_pow_difficulty", "Leading zero bits that an event's id must have (NIP-13); 0 = none.",
     &base::Limits::min_pow_difficulty, 0, 64},
    {"max_content_length", "Characters of an event's content; 0 = as many as a message holds.",
     &base::Limits::max_content_length, 0, 8 * mib},
};

/// Limits that only hold together: checked once each number is in its own range.
Problem check_together(const base::Limits& limits, std::string_view key) {
  if (key == "default_limit" && limits.default_limit > limits.max_limit)
    return fmt::format("{} is above limits.max_limit = {}", limits.default_limit, limits.max_limit);
  if (key == "max_send_queue_bytes" && limits.max_send_queue_bytes < 2 * limits.max_message_bytes)
    return fmt::format("{} must hold two messages; set it to {} or more",
                       limits.max_send_queue_bytes, 2 * limits.max_message_bytes);
  if (key == "created_at_max_age_s" && limits.created_at_max_age_s != 0 &&
      limits.created_at_max_age_s <= max_back_dating_s)
    return fmt::format(
        "{} would refuse gift wraps, which are dated back by up to two days (NIP-59); set it above "
        "{}, or to 0 for any time",
        limits.created_at_max_age_s, max_back_dating_s);
  return std::nullopt;
}

void declare_limits(base::Settings& settings, base::Limits& limits) {
  for (const Limit& limit : movable_limits) {
    std::int64_t& value = limits.*limit.member;
    auto check = [&limits, key = limit.key, range = base::in_range(value, limit.low, limit.high)] {
      Problem problem = range();
      return problem ? problem : check_together(limits, key);
    };
    settings.add({"limits", limit.key, limit.help, &value, check, {}, true});
  }
  settings.add({"limits",
                "require_pow_commitment",
                "Of work that is asked for, the `nonce` tag must name the target (NIP-13).",
                &limits.require_pow_commitment,
                {},
                {},
                true});
}

void declare_count(base::Settings& settings, Count& count) {
  settings.add({"extensions.count",
                "enabled",
                "Answer COUNT (NIP-45): how many events match.",
                &count.enabled,
                {},
                {},
                true});
}

}  // namespace

void declare(base::Settings& settings, Config& config) {
  declare_server(settings, config.server);
  declare_network(settings, config.network);
  declare_data(settings, config.data);
  declare_auth(settings, config.auth);
  declare(settings, config.info);
  declare_log(settings, config.log);
  declare_storage(settings, config.storage, config.limits);
  declare_limits(settings, config.limits);
  declare_count(settings, config.count);
  declare(settings, config.retention);
}

std::optional<std::vector<nostr::PublicKey>> whitelist(const Auth& auth) {
  if (auth.pubkey_whitelist.empty()) return std::nullopt;
  std::vector<nostr::PublicKey> keys;
  for (const std::string& entry : auth.pubkey_whitelist)
    if (auto key = nostr::parse_public_key(entry)) keys.push_back(*key);
  return keys;
}

bool is_placeholder_key(const std::string& entry) {
  constexpr std::string_view stem = "your-allowed-pubkey-";
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return entry.size() > stem.size() && entry.starts_with(stem) &&
         std::all_of(entry.begin() + stem.size(), entry.end(), digit);
}

}  // namespace config
