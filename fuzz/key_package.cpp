// Whatever bytes arrive as a key package: parsed or refused, and every derived value can be asked
// for.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "mls/check_key_package.h"
#include "mls/encoding.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto package = mls::parse_key_package({data, size});
  if (package) {
    if (package->encoded.size() + 4 < size) std::abort();
    (void)package->reference();
    (void)mls::check(*package, {});
  }
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const std::string_view encoding : {"", "hex", "base64"}) {
    (void)mls::decode_content(text, encoding);
  }
  return 0;
}
