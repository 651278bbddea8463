#include <fmt/format.h>
#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <fstream>
#include <memory>

#include "app/address.h"
#include "app/manage.h"
#include "app/store_access.h"
#include "app/wait_for.h"
#include "client/http_post.h"
#include "extensions/management/call.h"
#include "nostr/nip42.h"
#include "nostr/nip98.h"

namespace app {
namespace {

constexpr auto key_variable = "NOSTR_SECRET_KEY";
constexpr std::size_t max_key_file_bytes = 4096;

std::string trimmed(const std::string& text) {
  constexpr auto blanks = " \t\r\n";
  const auto from = text.find_first_not_of(blanks);
  if (from == text.npos) return {};
  return text.substr(from, text.find_last_not_of(blanks) - from + 1);
}

/// Never from the arguments: everybody on the machine can read those.
std::expected<nostr::Signer, std::string> signer_of(const ManageWishes& wishes) {
  std::string secret;
  if (!wishes.key_file.empty()) {
    std::ifstream file(wishes.key_file);
    if (!file) return std::unexpected(wishes.key_file + ": cannot be read");
    secret.resize(max_key_file_bytes);
    file.read(secret.data(), static_cast<std::streamsize>(secret.size()));
    secret.resize(static_cast<std::size_t>(file.gcount()));
  } else if (const char* given = std::getenv(key_variable)) {
    secret = given;
  } else {
    return std::unexpected(
        fmt::format("a call is signed with the secret key (nsec1… or hex) of one of [management] "
                    "admin_keys: name a file that holds it with --key-file, or put it into the "
                    "variable {}",
                    key_variable));
  }
  auto signer = nostr::Signer::parse(trimmed(secret));
  if (!signer)
    return std::unexpected(fmt::format(
        "{}: {}", wishes.key_file.empty() ? key_variable : wishes.key_file, signer.error()));
  return signer;
}

/// Where to connect, and by which name the relay knows itself.
struct Address {
  std::string url;
  std::string signed_url;
};

std::optional<Address> address_of(const std::string& config_path, const ManageWishes& wishes) {
  if (!wishes.relay.empty()) {
    if (nostr::parse_relay_url(wishes.relay)) return Address{wishes.relay, wishes.relay};
    fail(
        fmt::format("{}: not an address; write it like wss://relay.example.com or "
                    "http://127.0.0.1:8080",
                    wishes.relay));
    return std::nullopt;
  }
  Settings settings;
  if (!load(settings, config_path)) return std::nullopt;
  const auto& core = settings.core;
  const auto port = static_cast<std::uint16_t>(core.server.port);
  std::string url = fmt::format("http{}://{}", core.network.tls_cert.empty() ? "" : "s",
                                url_authority(core.server.host, port));
  std::string named = core.auth.relay_urls.empty() ? url : core.auth.relay_urls.front();
  return Address{std::move(url), std::move(named)};
}

std::expected<client::HttpReply, std::string> call_relay(const Address& address,
                                                         const nostr::Signer& signer,
                                                         std::string call) {
  const nostr::HttpCall signed_call{.method = "POST", .path = {}, .query = {}, .body = call};
  client::HttpPost post{
      .url = address.url,
      .headers = {{"Content-Type", "application/nostr+json+rpc"},
                  {"Authorization", nostr::http_authorization(signer, address.signed_url,
                                                              signed_call, base::system_now())}},
      .body = std::move(call),
      .known_as = address.signed_url};
  return wait_for(client::send(std::move(post)));
}

int print_reply(const Address& address, const client::HttpReply& reply) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  simdjson::dom::element result;
  std::string_view error;
  const bool is_json = !parser.parse(simdjson::padded_string(reply.body)).get(object);
  if (is_json && reply.status == 200 && !object["result"].get(result)) {
    fmt::print("{}\n", simdjson::minify(result));
    return done;
  }
  const bool said = is_json && !object["error"].get(error);
  fail(said ? std::string(error)
            : fmt::format("{}: answered {}, which is no relay that is managed by NIP-86",
                          address.url, reply.status));
  return said ? partly : failed;
}

int manage_relay(const std::string& config_path, const ManageWishes& wishes, std::string call) {
  const auto signer = signer_of(wishes);
  if (!signer) return fail(signer.error());
  const auto address = address_of(config_path, wishes);
  if (!address) return failed;
  const auto reply = call_relay(*address, *signer, std::move(call));
  if (!reply)
    return fail(fmt::format("{}: {}; is the relay running? (--offline works on its store)",
                            address->url, reply.error()));
  return print_reply(*address, *reply);
}

}  // namespace

int cmd_manage(const std::string& config_path, const ManageWishes& wishes) {
  std::string call = extensions::management::write_call(wishes.method, wishes.params);
  if (!wishes.offline) return manage_relay(config_path, wishes, std::move(call));
  const auto answer = manage_offline(config_path, call);
  if (answer.exit_code == done)
    fmt::print("{}\n", answer.text);
  else
    fail(answer.text);
  return answer.exit_code;
}

void add_manage_command(CLI::App& cli, std::string& config_path, std::function<int()>& run) {
  auto wishes = std::make_shared<ManageWishes>();
  auto* verb = cli.add_subcommand("manage",
                                  "Ban, allow, block and rename on a relay that runs (NIP-86)\n"
                                  "Examples:\n"
                                  "  export NOSTR_SECRET_KEY=nsec1...\n"
                                  "  mls-gateway manage supportedmethods\n"
                                  "  mls-gateway manage banpubkey npub1... 'sells things'\n"
                                  "  mls-gateway manage blockip 192.0.2.0/24\n"
                                  "  mls-gateway manage listbannedpubkeys --relay "
                                  "wss://relay.example.com --key-file operator.nsec\n"
                                  "  mls-gateway manage unblockip 192.0.2.0/24 --offline\n");
  verb->add_option("-c,--config", config_path, "TOML file of the relay")->capture_default_str();
  verb->add_option("method", wishes->method, "A method of NIP-86; supportedmethods lists them")
      ->required();
  verb->add_option("params", wishes->params, "Its parameters: what, and perhaps the reason");
  auto* relay = verb->add_option("--relay", wishes->relay,
                                 "Address of the relay; without it, the one in the configuration");
  auto* key = verb->add_option("--key-file", wishes->key_file,
                               "File with the secret key of one of admin_keys; without it, the "
                               "variable NOSTR_SECRET_KEY");
  verb->add_flag("--offline", wishes->offline,
                 "Change the store itself, without a key; on LMDB the relay must be stopped")
      ->excludes(relay)
      ->excludes(key);
  verb->callback([&run, &config_path, wishes] {
    run = [&config_path, wishes] { return cmd_manage(config_path, *wishes); };
  });
}

}  // namespace app
