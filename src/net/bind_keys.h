#pragma once
#include <string_view>

namespace net {

/// What an operator sets to listen elsewhere, as an error names it. Static text.
struct BindKeys {
  std::string_view host = "[server] host";
  std::string_view port = "[server] port / PORT";
};

}  // namespace net
