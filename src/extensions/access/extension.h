#pragma once
#include <vector>

#include "base/ip_network.h"
#include "base/published.h"
#include "extensions/access/config.h"
#include "nostr/kind_set.h"
#include "relay/extension/extension.h"

namespace extensions::access {

/// A Config, understood.
struct Lists {
  std::vector<nostr::PublicKey> allow_keys{};  ///< sorted
  std::vector<nostr::PublicKey> deny_keys{};   ///< sorted
  nostr::KindSet allow_kinds{}, deny_kinds{}, open_kinds{};
  std::vector<base::IpNetwork> allow_networks{}, deny_networks{};
  bool auth_offered = true;
};

/// Who may publish, which kinds, and from where one may connect: lists of the operator. What is
/// denied is answered `blocked:`, what is on no allow list `restricted:`, or `auth-required:` where
/// proving a key may help. Thread-safe.
class Access final : public relay::Extension {
 public:
  /// REQUIRES: `config` passed its checks.
  explicit Access(const Config& config);

  /// For running workers, which take it over in on_reload(); connections that are not welcome any
  /// more are closed. Thread-safe.
  void configure(const Config& config);

  [[nodiscard]] std::string_view name() const override { return "access"; }
  [[nodiscard]] relay::Phases phases() const override;
  [[nodiscard]] bool restricts_writes() const override;
  [[nodiscard]] std::unique_ptr<relay::WorkerExtension> attach(
      relay::WorkerServices services) const override;

 private:
  base::Published<Lists> lists_;
};

}  // namespace extensions::access
