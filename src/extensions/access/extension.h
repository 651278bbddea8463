#pragma once
#include "base/published.h"
#include "extensions/access/config.h"
#include "relay/extension/access_lists.h"
#include "relay/extension/extension.h"

namespace extensions::access {

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
  base::Published<relay::AccessLists> lists_;
};

}  // namespace extensions::access
