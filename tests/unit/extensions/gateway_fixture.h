#pragma once
// The gateway on a relay without sockets, and the people who use it.
#include <fmt/format.h>

#include "extensions/mls_gateway/extension.h"
#include "extensions/mls_gateway/rows.h"
#include "unit/relay/relay_fixture.h"

namespace test {

class GatewayFixture : public RelayFixture {
 protected:
  using Config = extensions::mls_gateway::Config;

  static relay::Extensions gateway(Config config, const base::Log& log) {
    return {std::make_shared<extensions::mls_gateway::MlsGateway>(std::move(config), log)};
  }
  void start_gateway(Config config = {}) { start(gateway(std::move(config), log_)); }

  Client& connect_as(const Signer& signer) {
    auto& client = connect();
    EXPECT_TRUE(authenticate(client, signer).contains(",true,"));
    return client;
  }

  std::string publish(Client& client, const Signer& author, int kind, const TagList& tags,
                      std::string_view text = "x") {
    return RelayFixture::publish(client, author.sign(kind, tags, text, now_));
  }

  /// Alice founds "g" and invites Bob.
  void found_group() {
    ASSERT_TRUE(publish(connect_as(alice), one_time, 1059, {{"p", bob.hex()}, {"h", "g"}})
                    .contains(",true,\"\""));
  }

  /// The stored events that answer a REQ, as they were sent.
  std::vector<std::string> events(Client& client, const std::string& filters) {
    auto answer = request(client, "q", filters);
    std::erase_if(answer, [](const auto& text) { return !text.starts_with("[\"EVENT\",\"q\""); });
    return answer;
  }
  std::size_t events_for(Client& client, const std::string& filters) {
    return events(client, filters).size();
  }

  /// What the registry says of a group.
  std::optional<extensions::mls_gateway::Group> registered(std::string_view id) {
    const auto rows = run(store_.get_rows({extensions::mls_gateway::group_key(id)}));
    return rows && rows->front() ? extensions::mls_gateway::decode_group(*rows->front())
                                 : std::nullopt;
  }

  const Signer alice{1}, bob{2}, mallory{3}, carol{4}, one_time{9};
};

}  // namespace test
