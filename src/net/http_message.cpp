#include "net/http_message.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <utility>

namespace net {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  });
  return lower;
}

relay::HttpResponse refusal(const error_code& error) {
  if (error == http::error::body_limit)
    return relay::http_error(413, "body_too_large", "the body is longer than 64 KiB");
  if (error == http::error::header_limit)
    return relay::http_error(431, "head_too_large", "the request head is longer than 8 KiB");
  return relay::http_error(400, "bad_request", "this is not a valid HTTP/1.1 request");
}

/// The path and query of a request target in origin form or absolute form (RFC 9112 §3.2).
std::string_view origin_form(std::string_view target) {
  const auto scheme = target.find("://");
  if (target.starts_with('/') || scheme == std::string_view::npos) return target;
  const auto path = target.find_first_of("/?", scheme + 3);
  return path == std::string_view::npos ? "/" : target.substr(path);
}

/// False for a target that names no resource of this server.
bool set_target(relay::HttpRequest& request, std::string_view target) {
  target = origin_form(target);
  const auto question = std::min(target.find('?'), target.size());
  request.path = target.substr(0, question);
  request.query = target.substr(std::min(question + 1, target.size()));
  return request.path.starts_with('/') || request.path == "*";
}

}  // namespace

struct HttpParser::Beast {
  http::request_parser<http::string_body> parser;
  bool continue_asked = false;
  std::size_t taken = 0;  // bytes of this request so far

  bool to_websocket() const {
    const auto& message = parser.get();
    return message.method() == http::verb::get && message.version() >= 11 && parser.upgrade() &&
           http::token_list(message[http::field::upgrade]).exists("websocket");
  }
};

HttpParser::HttpParser() : beast_(std::make_unique<Beast>()) {
  beast_->parser.eager(true);
  beast_->parser.header_limit(max_http_head_bytes);
  beast_->parser.body_limit(max_http_body_bytes);
}

HttpParser::~HttpParser() = default;

std::expected<bool, relay::HttpResponse> HttpParser::parse(std::string& input) {
  auto& parser = beast_->parser;
  std::size_t taken = 0;
  error_code error;
  while (!parser.is_done() && !error && taken < input.size())
    taken += parser.put(boost::asio::buffer(input.data() + taken, input.size() - taken), error);
  input.erase(0, taken);
  beast_->taken += taken;
  if (error && error != http::error::need_more) return std::unexpected(refusal(error));
  // Beast bounds head and body, but not chunk extensions: neither one that never ends nor very many.
  const bool endless =
      !parser.is_done() && (input.size() > max_http_head_bytes ||
                            beast_->taken > 2 * (max_http_head_bytes + max_http_body_bytes));
  if (endless)
    return std::unexpected(relay::http_error(413, "too_large", "the request is too large"));
  return parser.is_done();
}

bool HttpParser::wants_continue() {
  const auto& parser = beast_->parser;
  if (!parser.is_header_done() || parser.is_done()) return false;
  if (!boost::beast::iequals(parser.get()[http::field::expect], "100-continue")) return false;
  return !std::exchange(beast_->continue_asked, true);
}

std::expected<ParsedRequest, relay::HttpResponse> HttpParser::take() {
  auto& message = beast_->parser.get();
  ParsedRequest parsed;
  parsed.keep_alive = beast_->parser.keep_alive();
  parsed.to_websocket = beast_->to_websocket();
  auto& request = parsed.request;
  request.method = view(message.method_string());
  if (!set_target(request, view(message.target())))
    return std::unexpected(
        relay::http_error(400, "bad_request", "the request target is not a path"));
  if (message.version() >= 11 && message.count(http::field::host) != 1)  // RFC 9112 §3.2
    return std::unexpected(
        relay::http_error(400, "bad_request", "a request needs one Host header"));
  for (const auto& field : message)
    request.headers.emplace_back(lower_case(view(field.name_string())), view(field.value()));
  request.body = std::move(message.body());
  return parsed;
}

std::string write_response(const relay::HttpResponse& response, ResponseForm form) {
  const auto reason =
      http::obsolete_reason(http::int_to_status(static_cast<unsigned>(response.status)));
  std::string out = fmt::format("HTTP/1.1 {} {}\r\n", response.status, view(reason));
  const bool has_body = response.status != 204 && response.status != 304;
  if (has_body)
    out += fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n", response.content_type,
                       response.body.size());
  for (const auto& [name, value] : response.headers) out += fmt::format("{}: {}\r\n", name, value);
  out += form.keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  if (has_body && !form.without_body) out += response.body;
  return out;
}

}  // namespace net
