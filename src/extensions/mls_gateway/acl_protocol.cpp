#include "extensions/mls_gateway/acl_protocol.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace extensions::mls_gateway {
namespace {

namespace dom = simdjson::dom;

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (is_unreserved(c))
      encoded += c;
    else
      fmt::format_to(std::back_inserter(encoded), "%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

std::unexpected<std::string> bad_url(std::string_view reason) {
  return std::unexpected(fmt::format(
      "{}; write it like \"http://127.0.0.1:8081\" or \"https://acl.example.org/mls\"", reason));
}

bool is_plain(char c) { return c > ' ' && c < 0x7F && c != '"' && c != '<' && c != '>'; }

/// Takes "https://" or "http://" off the front of `url`: is it TLS?
std::optional<bool> take_scheme(std::string_view& url) {
  for (const auto& [scheme, tls] : {std::pair{std::string_view("https://"), true},
                                    std::pair{std::string_view("http://"), false}}) {
    if (!url.starts_with(scheme)) continue;
    url.remove_prefix(scheme.size());
    return tls;
  }
  return std::nullopt;
}

bool is_port(std::string_view text) {
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && number != 0;
}

/// Fills in host and port from `url.authority`; false when it has no host or a port that is none.
bool split_authority(AclUrl& url) {
  std::string_view rest = url.authority;
  const bool brackets = rest.starts_with('[');
  const auto end = brackets ? rest.find(']') : std::min(rest.find(':'), rest.size());
  if (end == std::string_view::npos) return false;
  url.host = rest.substr(brackets ? 1 : 0, end - (brackets ? 1 : 0));
  rest.remove_prefix(end + (brackets ? 1 : 0));
  url.port = rest.empty() ? (url.tls ? "443" : "80") : rest.substr(1);
  return !url.host.empty() && (rest.empty() || rest.front() == ':') && is_port(url.port);
}

/// The fields of an answer as they are found; empty: not there.
struct Fields {
  std::optional<bool> member{};
  std::optional<std::string_view> role{};
  std::optional<std::int64_t> ttl{};
};

/// false: of another type, or there twice.
template <typename T>
bool read_once(std::optional<T>& field, dom::element value) {
  T read;
  if (field || value.get(read) != simdjson::SUCCESS) return false;
  field = read;
  return true;
}

std::optional<Fields> read_fields(dom::object object) {
  Fields fields;
  for (const auto [name, value] : object) {
    const bool fine = name == "member" ? read_once(fields.member, value)
                      : name == "role" ? read_once(fields.role, value)
                      : name == "ttl"  ? read_once(fields.ttl, value)
                                       : true;
    if (!fine) return std::nullopt;
  }
  return fields;
}

/// nullopt: a role that the protocol does not have.
std::optional<Standing> standing_of(const Fields& fields) {
  if (!*fields.member) return Standing::outsider;
  if (!fields.role || *fields.role == "member") return Standing::member;
  if (*fields.role == "admin") return Standing::admin;
  return std::nullopt;
}

}  // namespace

std::expected<AclUrl, std::string> parse_acl_url(std::string_view text) {
  AclUrl url;
  const auto tls = take_scheme(text);
  if (!tls) return bad_url("it does not start with http:// or https://");
  if (!std::ranges::all_of(text, is_plain))
    return bad_url("it has spaces, quotes or characters beyond ASCII, which must be encoded");
  if (text.find_first_of("?#@") != std::string_view::npos)
    return bad_url("it must have no user, query or fragment; a token goes into acl_token");
  url.tls = *tls;
  const auto slash = std::min(text.find('/'), text.size());
  url.authority = text.substr(0, slash);
  url.path = text.substr(slash);
  while (url.path.ends_with('/')) url.path.pop_back();
  if (!split_authority(url)) return bad_url("it has no host, or a port outside 1 to 65535");
  return url;
}

std::string acl_target(const AclUrl& url, const nostr::PublicKey& key, std::string_view group) {
  return fmt::format("{}/v1/groups/{}/members/{}", url.path, percent_encoded(group),
                     base::to_hex(key));
}

std::expected<AclAnswer, AclError> read_acl_answer(unsigned status, std::string_view body) {
  if (status == 404) return AclAnswer{.standing = Standing::outsider};
  const std::unexpected malformed(AclError::malformed);
  if (status != 200) return malformed;
  dom::parser parser;
  dom::object object;
  if (parser.parse(simdjson::padded_string(body)).get(object) != simdjson::SUCCESS)
    return malformed;
  const auto fields = read_fields(object);
  if (!fields || !fields->member || fields->ttl.value_or(0) < 0) return malformed;
  const auto standing = standing_of(*fields);
  if (!standing) return malformed;

  AclAnswer answer{.standing = *standing};
  const std::int64_t most = duration_cast<std::chrono::seconds>(AclAnswer::unlimited).count();
  if (fields->ttl) answer.ttl = std::chrono::seconds(std::min(*fields->ttl, most));
  return answer;
}

}  // namespace extensions::mls_gateway
