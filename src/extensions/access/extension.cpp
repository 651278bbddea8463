#include "extensions/access/extension.h"

#include <algorithm>

#include "nostr/nip19.h"

namespace extensions::access {
namespace {

using relay::AccessLists;
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

AccessLists understood(const Config& config) {
  return {.allow_keys = keys_of(config.allow_pubkeys),
          .deny_keys = keys_of(config.deny_pubkeys),
          .allow_kinds = kinds_of(config.allow_kinds),
          .deny_kinds = kinds_of(config.deny_kinds),
          .open_kinds = kinds_of(config.open_kinds),
          .allow_networks = networks_of(config.allow_addresses),
          .deny_networks = networks_of(config.deny_addresses),
          .auth_offered = config.auth_offered};
}

class AccessWorker final : public relay::WorkerExtension {
 public:
  explicit AccessWorker(const base::Published<AccessLists>& published)
      : published_(published), lists_(published.get()) {}

  void on_reload() override { lists_ = published_.get(); }

  std::string_view check_connection(const relay::ClientContext& context) override {
    return lists_->check_connection(context);
  }
  boost::asio::awaitable<Verdict> on_auth(const nostr::PublicKey& key) override {
    co_return lists_->check_key(key);
  }
  Verdict check_event(const relay::EventContext& context) override {
    return lists_->check_event(context);
  }
  Verdict check_write(const relay::WriteContext& context) override {
    return lists_->check_write(context);
  }

 private:
  const base::Published<AccessLists>& published_;
  std::shared_ptr<const AccessLists> lists_;
};

}  // namespace

Access::Access(const Config& config) : lists_(understood(config)) {}

void Access::configure(const Config& config) { lists_.set(understood(config)); }

relay::Phases Access::phases() const {
  using enum relay::Phase;
  return check_connection | on_auth | check_event | check_write;
}

bool Access::restricts_writes() const { return lists_.get()->restrict_writes(); }

std::unique_ptr<relay::WorkerExtension> Access::attach(relay::WorkerServices) const {
  return std::make_unique<AccessWorker>(lists_);
}

}  // namespace extensions::access
