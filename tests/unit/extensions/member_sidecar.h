#pragma once
// A sidecar with a list of members, on the loop of the relay under test.
#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <map>
#include <string>
#include <utility>

namespace test {

class MemberSidecar {
 public:
  using tcp = boost::asio::ip::tcp;

  explicit MemberSidecar(boost::asio::io_context& loop)
      : acceptor_(loop, {boost::asio::ip::address_v4::loopback(), 0}) {
    boost::asio::co_spawn(loop, accept(), boost::asio::detached);
  }

  [[nodiscard]] std::string url() const {
    return fmt::format("http://127.0.0.1:{}", acceptor_.local_endpoint().port());
  }
  /// `group` as in a path; `role`: "member" or "admin".
  void admit(const std::string& group, const std::string& key, const std::string& role = "member") {
    roles_[path_of(group, key)] = role;
  }
  void remove(const std::string& group, const std::string& key) {
    roles_.erase(path_of(group, key));
  }
  /// From now on every answer is a failure.
  void break_down() { broken_ = true; }

  std::size_t requests = 0;

 private:
  static std::string path_of(const std::string& group, const std::string& key) {
    return "/v1/groups/" + group + "/members/" + key;
  }

  boost::asio::awaitable<void> accept() {
    for (;;) {
      auto socket = co_await acceptor_.async_accept(boost::asio::use_awaitable);
      boost::asio::co_spawn(acceptor_.get_executor(), serve(std::move(socket)),
                            boost::asio::detached);
    }
  }
  /// Ends by an exception when the client hangs up.
  boost::asio::awaitable<void> serve(tcp::socket socket) {
    std::string input;
    for (;;) {
      const auto size = co_await boost::asio::async_read_until(
          socket, boost::asio::dynamic_buffer(input), "\r\n\r\n", boost::asio::use_awaitable);
      ++requests;
      const std::string answer = answer_to(input.substr(0, size));
      input.erase(0, size);
      co_await boost::asio::async_write(socket, boost::asio::buffer(answer),
                                        boost::asio::use_awaitable);
    }
  }
  [[nodiscard]] std::string answer_to(const std::string& request) const {
    const std::string path = request.substr(4, request.find(' ', 4) - 4);
    if (broken_) return "HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n";
    const auto found = roles_.find(path);
    if (found == roles_.end()) return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    const auto body = fmt::format(R"({{"member":true,"role":"{}"}})", found->second);
    return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
  }

  tcp::acceptor acceptor_;
  std::map<std::string, std::string> roles_;
  bool broken_ = false;
};

}  // namespace test
