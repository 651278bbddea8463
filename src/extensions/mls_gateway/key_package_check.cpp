#include "extensions/mls_gateway/key_package_check.h"

#include <string>

#include "extensions/mls_gateway/key_package_pool.h"
#include "mls/check_key_package.h"
#include "mls/encoding.h"
#include "nostr/kinds.h"

namespace extensions::mls_gateway {
namespace {

/// What is wrong with the package, in words; "" if nothing is.
std::string faults_of(const relay::EventContext& context) {
  const nostr::Event& event = context.event;
  const auto bytes =
      mls::decode_content(event.content(), event.tags.first("encoding").value_or(""));
  if (!bytes) return "content is neither hex nor base64";
  const auto package = mls::parse_key_package(*bytes);
  if (!package)
    return std::string("content is not a KeyPackage: ") +
           std::string(mls::describe(package.error()));
  mls::ExpectedKeyPackage expected{
      .suite = std::nullopt, .author = event.pubkey, .now = context.now};
  if (const auto announced = announced_suite(event)) {
    expected.suite = mls::parse_cipher_suite(*announced);
    if (!expected.suite) return "the announced cipher suite is not known";
  }
  std::string faults;
  for (const mls::KeyPackageFault fault : mls::check(*package, expected)) {
    if (!faults.empty()) faults += "; ";
    faults += mls::describe(fault);
  }
  return faults;
}

}  // namespace

std::optional<std::string_view> announced_suite(const nostr::Event& event) {
  for (const std::string_view name : {"cs", "ciphersuite", "mls_ciphersuite"}) {
    if (const auto value = event.tags.first(name)) return value;
  }
  return std::nullopt;
}

relay::Verdict check_key_package_content(const Config& config, const base::Log& log,
                                         base::Repeated& said, const relay::EventContext& context) {
  using relay::Verdict;
  if (!is_key_package(context.event) || config.keypackage_validation == "off")
    return Verdict::pass();
  const std::string faults = faults_of(context);
  if (faults.empty()) return Verdict::pass();
  if (config.keypackage_validation == "strict")
    return Verdict::deny("invalid: key package: " + faults);
  const auto times = said.again();
  base::log(log, times ? base::level::info : base::level::debug,
            "a key package was accepted with faults",
            {{"faults", faults}, {"times", times.value_or(1)}});
  return Verdict::pass();
}

}  // namespace extensions::mls_gateway
