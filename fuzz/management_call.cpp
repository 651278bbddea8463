// Whatever an operator's client posts: read as a call, bounded, or refused; and every method's parameters likewise.
#include <algorithm>

#include "check.h"
#include "extensions/management/methods.h"
#include "extensions/management/rows.h"

using namespace extensions::management;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto call = parse_call(body);
  if (!call) {
    check(!call.error().empty(), "a refusal says why");
    return 0;
  }
  check(call->params.size() <= 8, "parameters are bounded");
  const auto reason = reason_param(call->params);
  check(!reason || reason->size() <= max_reason_bytes, "a reason is bounded");
  if (const auto network = network_param(call->params)) {
    const auto item = item_of(*network);
    const auto again = read_network(item);
    check(again && item_of(*again) == item, "a network is one row");
    const auto text = base::cidr_text(*again);
    const auto read = base::parse_ip_network(text);
    check(read && item_of(*read) == item, "a network is listed as it can be given back");
  }
  for (const Method& method : methods()) {
    if (!method.change) continue;
    const auto operation = method.change(call->params, Bounds{10});
    check(operation ? *operation != nullptr : !operation.error().empty(),
          "a method makes an operation or says why not");
  }
  return 0;
}
