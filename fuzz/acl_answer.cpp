// Whatever a sidecar answers and an operator writes as its address: read as the protocol says, or
// refused.
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>

#include "check.h"
#include "extensions/mls_gateway/acl_protocol.h"

using namespace extensions::mls_gateway;

namespace {

void check_answer(unsigned status, std::string_view body) {
  const auto answer = read_acl_answer(status, body);
  if (!answer) {
    check(answer.error() == AclError::malformed, "an answer is read or malformed");
    return check(status != 404, "404 is an answer");
  }
  check(status == 200 || status == 404, "other statuses are no answer");
  check(answer->standing != Standing::unknown, "an answer says something");
  check(status != 404 || answer->standing == Standing::outsider, "404 is no membership");
  check(answer->ttl.count() >= 0 && answer->ttl <= AclAnswer::unlimited, "a ttl is bounded");
  // The body may claim it only with an explicit word.
  check(!is_inside(answer->standing) || body.find("true") != std::string_view::npos,
        "a member is called one");
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

void check_url(std::string_view text, std::string_view group) {
  const auto url = parse_acl_url(text);
  if (!url) return check(!url.error().empty(), "a refusal says why");
  check(!url->host.empty() && !url->port.empty(), "a sidecar has host and port");
  check(std::ranges::all_of(url->port, [](char c) { return c >= '0' && c <= '9'; }),
        "a port is a number");
  check(url->path.empty() || (url->path.starts_with('/') && !url->path.ends_with('/')),
        "a path begins with a slash and does not end with one");
  const std::string target = acl_target(*url, nostr::PublicKey{}, group);
  check(is_printable(target) && is_printable(url->authority), "a request cannot be split");
  check(target.starts_with('/'), "a target is a path");
  check(std::ranges::count(target, '/') == std::ranges::count(url->path, '/') + 5,
        "a group's id adds no path segment");
  const auto again =
      parse_acl_url((url->tls ? "https://" : "http://") + url->authority + url->path);
  check(again && again->host == url->host && again->port == url->port && again->path == url->path,
        "an address is read the same way again");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider bytes(data, size);
  const auto status = bytes.PickValueInArray({200U, 200U, 200U, 404U, 204U, 0U, 500U});
  const std::string group = bytes.ConsumeRandomLengthString(128);
  const std::string rest = bytes.ConsumeRemainingBytesAsString();
  check_answer(status, rest);
  check_url(rest, group);
  check_url("http://" + rest, group);
  return 0;
}
