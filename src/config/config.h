#pragma once
// What an operator can choose, besides what the extensions declare for themselves.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/settings.h"
#include "config/info.h"
#include "config/network.h"
#include "config/retention.h"
#include "nostr/event.h"

namespace config {

struct Server {
  std::string host = "127.0.0.1";
  std::int64_t port = 8080;
  std::int64_t workers = 0;
  std::vector<std::string> allowed_origins = {"*"};
  bool compression = true;
  bool eose_hints = false;
};

struct Data {
  std::string path = "./data";
  std::int64_t map_size_mb = 1024;
};

struct Auth {
  bool enabled = true;
  bool required = false;
  std::vector<std::string> pubkey_whitelist;
  std::vector<std::string> relay_urls;
};

struct Log {
  std::string level = "info";  ///< as base::parse_log_levels() reads it
  std::string format = "auto";
  std::string client_addresses = "off";
};

/// Lives in section [extensions.mls_gateway], where the specification has it, but concerns all
/// events.
struct Storage {
  std::string backend = "lmdb";
  std::string project_id;
  std::string firestore_database = "(default)";
  std::int64_t firestore_batch_size = 500;
  std::string database_url;  ///< may hold a password: never printed
  std::int64_t database_connections = 4;
  std::int64_t database_timeout_s = 10;
};

struct Count {
  bool enabled = true;
};

/// Filled once by load(), then read only.
struct Config {
  Server server;
  Data data;
  Auth auth;
  Info info;
  Log log;
  Storage storage;
  base::Limits limits;
  Count count{};
  Network network;
  Retention retention;
};

/// Declares the core keys. `config` must outlive `settings` and must not move meanwhile.
void declare(base::Settings& settings, Config& config);

/// Whom the whitelist admits: nullopt when there is none (everybody), empty when it held only
/// placeholders (nobody). REQUIRES: load() accepted the config.
[[nodiscard]] std::optional<std::vector<nostr::PublicKey>> whitelist(const Auth& auth);

/// "your-allowed-pubkey-1" and so on, as in the documented example: an entry that matches no key.
[[nodiscard]] bool is_placeholder_key(const std::string& entry);

}  // namespace config
