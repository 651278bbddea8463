#include "extensions/mls_gateway/acl_log.h"

#include <memory>
#include <string>
#include <utility>

#include "base/repeated.h"

namespace extensions::mls_gateway {
namespace {

std::string_view describe(AclError error) {
  switch (error) {
    case AclError::unreachable:
      return "unreachable";
    case AclError::timed_out:
      return "later than acl_timeout_ms";
    case AclError::malformed:
      break;
  }
  return "not as the protocol says";
}

using Asked = std::expected<AclAnswer, AclError>;

boost::asio::awaitable<Asked> ask_and_tell(const AskSidecar& ask, const base::Log& log,
                                           base::Repeated& said, nostr::PublicKey key,
                                           std::string group) {
  const Asked answer = co_await ask(key, std::move(group));
  if (answer) co_return answer;
  if (const auto times = said.again())
    base::log(log, base::level::warn,
              "the sidecar gave no answer, which is a no for who is asked about",
              {{"reason", describe(answer.error())}, {"times", *times}});
  co_return answer;
}

}  // namespace

AskSidecar with_warnings(AskSidecar ask, base::Log log) {
  auto said = std::make_shared<base::Repeated>();
  return [ask = std::move(ask), log = std::move(log), said = std::move(said)](nostr::PublicKey key,
                                                                              std::string group) {
    return ask_and_tell(ask, log, *said, key, std::move(group));
  };
}

}  // namespace extensions::mls_gateway
