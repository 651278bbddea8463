#include "nostr/nip98.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>

#include "base/base64.h"
#include "nostr/kinds.h"
#include "nostr/nip42.h"

namespace nostr {
namespace {

std::string_view path_of(std::string_view url) {
  url.remove_prefix(url.find("://") + 3);
  url = url.substr(0, url.find_first_of("?#"));
  return url.substr(std::min(url.find('/'), url.size()));
}

std::string_view query_of(std::string_view url) {
  const auto mark = url.find('?');
  if (mark == url.npos) return {};
  url.remove_prefix(mark + 1);
  return url.substr(0, url.find('#'));
}

/// A proxy may have taken the path of the relay's URL off the request.
bool is_path(std::string_view named, std::string_view base, std::string_view sent) {
  if (!named.starts_with(base)) return false;
  const auto rest = named.substr(base.size());
  if (!rest.empty() && !rest.starts_with('/')) return false;
  return named == sent || (rest.empty() ? "/" : rest) == sent;
}

bool names(std::string_view url, const HttpCall& call, const std::vector<std::string>& accepted) {
  const auto named = parse_relay_url(url);
  if (!named || query_of(url) != call.query) return false;
  const auto path = path_of(url);
  return std::ranges::any_of(accepted, [&](const std::string& text) {
    const auto own = parse_relay_url(text);
    return own && own->host == named->host && own->port == named->port &&
           is_path(path.empty() ? "/" : path, own->path, call.path);
  });
}

/// Clients write "post" too, as the examples of nostr-tools do.
bool is_same_method(std::string_view signed_for, std::string_view method) {
  return std::ranges::equal(signed_for, method,
                            [](char a, char b) { return a == b || (a ^ 0x20) == b; });
}

base::Bytes32 sha256(std::string_view text) {
  base::Bytes32 hash;
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.bytes.data());
  return hash;
}

}  // namespace

std::expected<void, std::string> check_http_auth(const Event& event, const HttpCall& call,
                                                 base::UnixSeconds now,
                                                 const std::vector<std::string>& accepted) {
  const auto is = [&](std::string_view tag, std::string_view value) {
    return event.tags.first(tag) == value;
  };
  if (event.kind != kind::http_auth) return std::unexpected("the event must have kind 27235");
  // Two comparisons: a difference could overflow.
  if (event.created_at < now - http_auth_max_age_s || event.created_at > now + http_auth_max_age_s)
    return std::unexpected(fmt::format(
        "created_at must be within {} seconds of now; check the clock", http_auth_max_age_s));
  if (!is_same_method(event.tags.first("method").value_or(""), call.method))
    return std::unexpected("the method tag is not the method of this request");
  if (!names(event.tags.first("u").value_or(""), call, accepted))
    return std::unexpected(fmt::format(
        "the u tag must be the whole URL of this request, with its query, at one of: {}",
        fmt::join(accepted, ", ")));
  // A body that was signed and taken off on its way is missed, too.
  const bool has_body = !call.body.empty() || event.tags.first("payload");
  if (has_body && !is("payload", base::to_hex(sha256(call.body))))
    return std::unexpected("the payload tag must be the SHA-256 of the body, in hex");
  return {};
}

std::string http_authorization(const Signer& signer, std::string_view url, const HttpCall& call,
                               base::UnixSeconds now) {
  base::Bytes32
      nonce;  // else the same call twice in a second would be one event, which counts once
  RAND_bytes(nonce.bytes.data(), static_cast<int>(nonce.bytes.size()));
  Signer::Tags tags = {{"u", std::string(url)},
                       {"method", std::string(call.method)},
                       {"nonce", base::to_hex(nonce)}};
  if (!call.body.empty()) tags.push_back({"payload", base::to_hex(sha256(call.body))});
  const std::string event = signer.sign(kind::http_auth, tags, "", now);
  return "Nostr " +
         base::encode_base64({reinterpret_cast<const std::uint8_t*>(event.data()), event.size()});
}

}  // namespace nostr
