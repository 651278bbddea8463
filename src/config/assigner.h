#pragma once
// Where each value came from, and what was wrong on the way.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/settings.h"

namespace config {

/// Remembers, for each setting by its index, who set it last, so that a later complaint can name
/// file and line or variable. Used on one thread, while loading.
class Assigner {
 public:
  /// `source`: named for settings that nobody set. `settings` must outlive the assigner.
  Assigner(const base::Settings& settings, const std::string& source)
      : settings_(settings), origins_(settings.all().size(), {source, false}) {}

  [[nodiscard]] const base::Settings& settings() const { return settings_; }

  /// `origin` ("config/mls-gateway.toml:12", "environment variable PORT") has set it.
  void set_by(std::size_t setting, std::string origin) {
    origins_[setting] = {std::move(origin), false};
  }
  /// What its origin says will not do. Its check is not asked any more.
  void refuse(std::size_t setting, std::string_view problem);
  /// Something that belongs to no setting.
  void refuse(std::string_view origin, std::string_view problem);
  void warn(std::size_t setting, std::string_view remark);

  [[nodiscard]] bool failed(std::size_t setting) const { return origins_[setting].failed; }
  [[nodiscard]] const std::vector<std::string>& errors() const { return errors_; }
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  struct Origin {
    std::string name;
    bool failed;
  };

  const base::Settings& settings_;
  std::vector<Origin> origins_;
  std::vector<std::string> errors_;
  std::vector<std::string> warnings_;
};

}  // namespace config
