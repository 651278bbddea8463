#include "store/fetched/damaged.h"

#include <fmt/format.h>

namespace store::fetched {

StoreError damaged(std::string_view what) {
  return {StoreError::Code::corrupt,
          fmt::format("{} in the database cannot be read; restore a backup", what)};
}

}  // namespace store::fetched
