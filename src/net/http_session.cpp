#include "net/http_session.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "net/upgrade.h"
#include "net/websocket_session.h"

namespace net {
namespace {

constexpr std::string_view retry_after_s = "10";

relay::HttpResponse refusal_for_now(int status, std::string_view code, std::string_view text) {
  auto response = relay::http_error(status, code, text);
  response.headers.emplace_back("Retry-After", retry_after_s);
  return response;
}

relay::HttpResponse doubtful_client() {
  return relay::http_error(
      400, "doubtful_client",
      "the headers that name the client (Forwarded, X-Forwarded-For, X-Real-IP) "
      "contradict each other or cannot be read; send none, and let the proxy "
      "remove those that it does not set");
}

}  // namespace

relay::HttpResponse overloaded() {
  return refusal_for_now(503, "overloaded", "too many connections");
}

relay::HttpResponse too_many_connections() {
  return refusal_for_now(429, "too_many_connections", "too many connections from your address");
}

HttpSession::HttpSession(std::shared_ptr<Loop> loop, Socket socket)
    : loop_(std::move(loop)), socket_(std::move(socket)) {}

void HttpSession::start() {
  await_request();
  wait_readable();
}

void HttpSession::await_request() {
  phase_ = Phase::receiving;
  form_ = {};
  path_ = {};
  loop_->wheel.file(*this, loop_->parts.patience.request);
}

void HttpSession::on_tick() {
  if (phase_ == Phase::handling)
    loop_->wheel.file(*this, loop_->parts.patience.request);
  else
    close();
}

void HttpSession::stop() {
  const bool idle = phase_ == Phase::receiving && !parser_ && input_.empty();
  if (idle) return close();
  form_.keep_alive = false;
}

void HttpSession::abort() { close(); }

void HttpSession::wait_readable() {
  socket_.wait_readable([self = shared_from_this()] { self->on_readable(); });
}

void HttpSession::on_readable() {
  if (phase_ == Phase::closed) return;
  const auto buffer = loop_->read_buffer();
  const auto size = socket_.receive(buffer);
  if (!size) return close();
  if (phase_ == Phase::lingering) return wait_readable();
  input_.append(buffer.data(), *size);
  parse();
}

void HttpSession::parse() {
  if (phase_ == Phase::closed) return;
  if (!parser_) parser_ = std::make_unique<HttpParser>();
  const auto complete = parser_->parse(input_);
  if (!complete) return refuse(complete.error());
  if (!*complete) {
    if (parser_->wants_continue() && !socket_.send("HTTP/1.1 100 Continue\r\n\r\n")) return close();
    return wait_readable();
  }
  auto parsed = std::exchange(parser_, nullptr)->take();
  if (!parsed) return refuse(parsed.error());
  handle(std::move(*parsed));
}

void HttpSession::handle(ParsedRequest parsed) {
  auto& request = parsed.request;
  const auto client = loop_->parts.proxies.client_of(socket_.peer(), request);
  if (!client) return refuse(doubtful_client());
  request.peer = *client;
  if (parsed.to_websocket) return become_websocket(request);
  form_ = {.keep_alive = parsed.keep_alive && !loop_->stopping(),
           .without_body = request.method == "HEAD"};
  auto match = loop_->parts.router->find(request.method, request.path);
  path_ = match.path;
  asked_ = std::chrono::steady_clock::now();
  if (match.handler) {
    request.segments = std::move(match.segments);
    return call(*match.handler, std::move(request));
  }
  if (match.allow.empty())
    return answer(relay::http_error(404, "not_found", "there is nothing at this path"));
  auto refusal =
      relay::http_error(405, "method_not_allowed", "this path does not take this method");
  refusal.headers.emplace_back("Allow", match.allow);
  answer(std::move(refusal));
}

void HttpSession::call(const relay::HttpHandler& handler, relay::HttpRequest request) {
  phase_ = Phase::handling;
  auto on_response = [self = shared_from_this()](std::exception_ptr error,
                                                 relay::HttpResponse response) {
    if (self->phase_ == Phase::closed) return;
    self->answer(error ? relay::http_error(500, "internal", "the relay could not answer this")
                       : std::move(response));
  };
  boost::asio::co_spawn(loop_->parts.io, handler(std::move(request)), std::move(on_response));
}

void HttpSession::become_websocket(const relay::HttpRequest& request) {
  if (loop_->stopping())
    return refuse(refusal_for_now(503, "restarting", "the relay is restarting"));
  if (!loop_->parts.open_session)
    return refuse(relay::http_error(404, "not_found", "no WebSocket is served here"));
  const auto accepted = accept_upgrade(request, loop_->parts.compression);
  if (!accepted) return refuse(accepted.error());
  // Others were counted when they connected.
  if (loop_->parts.proxies.trusts(socket_.peer()) && !socket_.count(request.peer)) {
    count(loop_->parts.counters->refused);
    return refuse(too_many_connections());
  }
  if (!socket_.send(accepted->response)) return close();
  phase_ = Phase::closed;
  unlink();
  std::make_shared<WebSocketSession>(loop_, std::move(socket_), accepted->compression)
      ->start(input_, request.peer);
}

void HttpSession::refuse(relay::HttpResponse response) {
  form_ = {};
  answer(std::move(response));
}

void HttpSession::answer(relay::HttpResponse response) {
  phase_ = Phase::sending;
  const std::string id = loop_->next_request_id();
  log_answer(id, response.status);
  response.headers.emplace_back("X-Request-Id", id);
  if (!socket_.send(write_response(response, form_))) return close();
  continue_sending();
}

void HttpSession::log_answer(std::string_view request_id, int status) const {
  using namespace std::chrono;
  const auto took = path_.empty() ? 0ms : duration_cast<milliseconds>(steady_clock::now() - asked_);
  base::log(loop_->parts.log, base::level::debug, "answered an HTTP request",
            {{"connection", socket_.number()},
             {"request", request_id},
             {"path", path_},
             {"status", status},
             {"ms", took.count()}});
}

void HttpSession::continue_sending() {
  if (phase_ == Phase::closed) return;
  if (!socket_.send_rest()) return close();
  loop_->wheel.file(*this, loop_->parts.patience.request);
  if (socket_.unsent() > 0)
    return socket_.wait_writable([self = shared_from_this()] { self->continue_sending(); });
  if (!form_.keep_alive) return linger();
  await_request();
  if (input_.empty()) return wait_readable();
  // Posted, not called: a client may pipeline thousands of requests, each would lie deeper on the
  // stack.
  boost::asio::post(loop_->parts.io, [self = shared_from_this()] { self->parse(); });
}

void HttpSession::linger() {
  phase_ = Phase::lingering;
  socket_.shut_down_sending();
  wait_readable();
}

void HttpSession::close() {
  phase_ = Phase::closed;
  unlink();
  socket_.close();
}

}  // namespace net
