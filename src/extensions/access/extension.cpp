#include "extensions/access/extension.h"

#include <fmt/format.h>

#include <algorithm>

#include "nostr/nip19.h"

namespace extensions::access {
namespace {

using relay::Verdict;

// REQUIRES of Access: these parsed when the configuration was checked.
std::vector<nostr::PublicKey> keys_of(const std::vector<std::string>& texts) {
  std::vector<nostr::PublicKey> keys;
  for (const auto& text : texts) keys.push_back(nostr::parse_public_key(text).value());
  std::ranges::sort(keys);
  return keys;
}

nostr::KindSet kinds_of(const std::vector<std::string>& texts) {
  nostr::KindSet kinds;
  for (const auto& text : texts) kinds.add(nostr::KindSet::parse(text).value());
  return kinds;
}

std::vector<base::IpNetwork> networks_of(const std::vector<std::string>& texts) {
  std::vector<base::IpNetwork> networks;
  for (const auto& text : texts) networks.push_back(base::parse_ip_network(text).value());
  return networks;
}

Lists understood(const Config& config) {
  return {.allow_keys = keys_of(config.allow_pubkeys),
          .deny_keys = keys_of(config.deny_pubkeys),
          .allow_kinds = kinds_of(config.allow_kinds),
          .deny_kinds = kinds_of(config.deny_kinds),
          .open_kinds = kinds_of(config.open_kinds),
          .allow_networks = networks_of(config.allow_addresses),
          .deny_networks = networks_of(config.deny_addresses),
          .auth_offered = config.auth_offered};
}

bool listed(const std::vector<nostr::PublicKey>& list, const nostr::PublicKey& key) {
  return std::ranges::binary_search(list, key);
}

bool any_listed(const std::vector<nostr::PublicKey>& list, const nostr::Viewer& viewer) {
  return std::ranges::any_of(viewer.keys, [&](const auto& key) { return listed(list, key); });
}

bool any_contains(const std::vector<base::IpNetwork>& networks, const base::IpAddress& address) {
  return std::ranges::any_of(networks,
                             [&](const auto& network) { return network.contains(address); });
}

constexpr std::string_view key_denied = "blocked: this key may not use this relay";

class AccessWorker final : public relay::WorkerExtension {
 public:
  explicit AccessWorker(const base::Published<Lists>& published)
      : published_(published), lists_(published.get()) {}

  void on_reload() override { lists_ = published_.get(); }

  std::string_view check_connection(const relay::ClientContext& context) override {
    const bool allowed =
        lists_->allow_networks.empty() || any_contains(lists_->allow_networks, context.peer);
    if (!allowed) return "restricted: this relay serves a list of addresses";
    if (any_contains(lists_->deny_networks, context.peer))
      return "blocked: this address may not use this relay";
    // After a reload; on_auth() keeps such keys from new proofs.
    return any_listed(lists_->deny_keys, context.viewer) ? key_denied : "";
  }

  boost::asio::awaitable<Verdict> on_auth(const nostr::PublicKey& key) override {
    co_return listed(lists_->deny_keys, key) ? Verdict::deny(std::string(key_denied))
                                             : Verdict::pass();
  }

  Verdict check_event(const relay::EventContext& context) override {
    if (!takes_kind(context.event.kind))
      return Verdict::deny(
          fmt::format("blocked: this relay does not take kind {}", context.event.kind));
    if (listed(lists_->deny_keys, context.event.pubkey))
      return Verdict::deny(std::string(key_denied));
    if (may_publish(context)) return Verdict::pass();
    if (context.viewer.anonymous() && lists_->auth_offered)
      return Verdict::deny(
          "auth-required: a list of keys may publish here; authenticate with one of them (NIP-42)");
    return Verdict::deny(
        "restricted: a list of keys may publish here and yours is not on it; ask the operator");
  }

 private:
  [[nodiscard]] bool takes_kind(nostr::Kind kind) const {
    if (lists_->deny_kinds.contains(kind)) return false;
    return lists_->allow_kinds.empty() || lists_->allow_kinds.contains(kind);
  }

  /// One-time keys sign for an allowed viewer, and an allowed author's event may be brought by
  /// anyone.
  [[nodiscard]] bool may_publish(const relay::EventContext& context) const {
    const auto& allowed = lists_->allow_keys;
    return allowed.empty() || lists_->open_kinds.contains(context.event.kind) ||
           listed(allowed, context.event.pubkey) || any_listed(allowed, context.viewer);
  }

  const base::Published<Lists>& published_;
  std::shared_ptr<const Lists> lists_;
};

}  // namespace

Access::Access(const Config& config) : lists_(understood(config)) {}

void Access::configure(const Config& config) { lists_.set(understood(config)); }

relay::Phases Access::phases() const {
  using enum relay::Phase;
  return check_connection | on_auth | check_event;
}

bool Access::restricts_writes() const {
  const auto lists = lists_.get();
  return !lists->allow_keys.empty() || !lists->allow_kinds.empty();
}

std::unique_ptr<relay::WorkerExtension> Access::attach(relay::WorkerServices) const {
  return std::make_unique<AccessWorker>(lists_);
}

}  // namespace extensions::access
