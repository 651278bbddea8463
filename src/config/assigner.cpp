#include "config/assigner.h"

#include <fmt/format.h>

namespace config {

void Assigner::refuse(std::size_t setting, std::string_view problem) {
  Origin& origin = origins_[setting];
  origin.failed = true;
  errors_.push_back(
      fmt::format("{}: {}: {}", origin.name, settings_.all()[setting].path(), problem));
}

void Assigner::refuse(std::string_view origin, std::string_view problem) {
  errors_.push_back(fmt::format("{}: {}", origin, problem));
}

void Assigner::warn(std::size_t setting, std::string_view remark) {
  warnings_.push_back(
      fmt::format("{}: {}: {}", origins_[setting].name, settings_.all()[setting].path(), remark));
}

}  // namespace config
