#include "extensions/management/call.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "nostr/nip19.h"
#include "nostr/relay_message.h"

namespace extensions::management {
namespace {

using std::unexpected;

constexpr auto shape =
    R"(the body is a JSON object like {"method":"banpubkey","params":["<key>","<reason>"]})";
constexpr std::size_t max_params = 8;

Parsed<Param> read_param(const simdjson::dom::element& element) {
  std::string_view text;
  std::int64_t number = 0;
  if (element.is_null()) return Param{};
  if (!element.get(text)) return Param{std::string(text)};
  if (!element.get(number)) return Param{number};
  return unexpected("a parameter is a text or a whole number");
}

Parsed<Params> read_params(const simdjson::dom::object& call) {
  Params params;
  simdjson::dom::element given;
  if (call["params"].get(given)) return params;
  simdjson::dom::array array;
  if (given.get(array)) return unexpected(shape);
  for (const auto element : array) {
    auto param = read_param(element);
    if (!param) return unexpected(std::move(param.error()));
    if (params.size() == max_params) return unexpected("too many parameters");
    params.push_back(*std::move(param));
  }
  return params;
}

/// The text that stands first.
Parsed<std::string> first_text(const Params& params, const char* wanted) {
  const auto* text = params.empty() ? nullptr : std::get_if<std::string>(&params[0]);
  return text ? Parsed<std::string>(*text) : unexpected(wanted);
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Parsed<Call> parse_call(std::string_view body) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  std::string_view method;
  if (parser.parse(simdjson::padded_string(body)).get(object) || object["method"].get(method))
    return unexpected(shape);
  auto params = read_params(object);
  if (!params) return unexpected(std::move(params.error()));
  return Call{.method = std::string(method), .params = *std::move(params)};
}

std::string write_call(std::string_view method, const std::vector<std::string>& params) {
  std::string json = R"({"method":)";
  nostr::append_json_string(json, method);
  json += R"(,"params":[)";
  for (const auto& param : params) {
    if (json.back() != '[') json += ',';
    if (method.ends_with("allowkind") && is_number(param))
      json += fmt::format("{}", std::stoi(param));  // JSON knows no leading zeros
    else
      nostr::append_json_string(json, param);
  }
  return json += "]}";
}

Parsed<nostr::PublicKey> key_param(const Params& params) {
  const auto text = first_text(params, "the first parameter is a public key, as text");
  if (!text) return unexpected(text.error());
  return nostr::parse_public_key(*text);
}

Parsed<nostr::EventId> event_param(const Params& params) {
  constexpr auto wanted = "the first parameter is an event's id: 64 lowercase hex characters";
  const auto text = first_text(params, wanted);
  const auto id = text ? base::from_hex<nostr::EventId>(*text) : std::nullopt;
  return id ? Parsed<nostr::EventId>(*id) : unexpected(wanted);
}

Parsed<nostr::Kind> kind_param(const Params& params) {
  const auto* number = params.empty() ? nullptr : std::get_if<std::int64_t>(&params[0]);
  if (!number || *number < 0 || *number > 65'535)
    return unexpected("the first parameter is a kind: a number from 0 to 65535");
  return static_cast<nostr::Kind>(*number);
}

Parsed<base::IpNetwork> network_param(const Params& params) {
  const auto text = first_text(params, "the first parameter is an address, as text");
  if (!text) return unexpected(text.error());
  auto network = base::parse_ip_network(*text);
  if (!network) return unexpected("the first parameter " + network.error());
  return *network;
}

Parsed<std::string> text_param(const Params& params, std::size_t max_bytes) {
  auto text = first_text(params, "the parameter is a text; an empty one goes back to the file's");
  if (!text) return text;
  if (params.size() > 1) return unexpected("one parameter is enough");
  if (text->size() > max_bytes)
    return unexpected(fmt::format("the text is longer than {} bytes", max_bytes));
  return text;
}

Parsed<std::string> reason_param(const Params& params) {
  if (params.size() > 2) return unexpected("at most two parameters: what, and the reason");
  if (params.size() < 2 || std::holds_alternative<std::monostate>(params[1])) return std::string();
  const auto* reason = std::get_if<std::string>(&params[1]);
  if (!reason) return unexpected("the second parameter is the reason, as text");
  if (reason->size() > max_reason_bytes)
    return unexpected(fmt::format("the reason is longer than {} bytes", max_reason_bytes));
  return *reason;
}

}  // namespace extensions::management
