#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client_frames.h"
#include "inflater.h"
#include "target.h"

namespace bench {

class RelayClient;

/// Shared by the clients of one crowd, which outlives them.
struct ClientContext {
  boost::asio::io_context io;
  Address address;
  bool deflate = false;  // offered
  Inflater inflater;
  std::vector<char> read_buffer = std::vector<char>(256 * 1024);
  std::function<void(RelayClient&, std::string_view)> on_text;
  std::function<void(RelayClient&)> on_lost;
};

/// One WebSocket connection to the relay: callbacks on one thread, nothing held but unfinished
/// bytes.
class RelayClient {
 public:
  RelayClient(ClientContext& context, std::size_t index);

  /// Connects and upgrades; `done` is called once, from the loop, with "" or a reason.
  void open(std::optional<boost::asio::ip::address> source, std::function<void(std::string)> done);
  /// Queues a whole frame; everything queued in one turn of the loop leaves in one write.
  void send(std::string_view frame);

  [[nodiscard]] std::size_t index() const { return index_; }
  [[nodiscard]] bool lost() const { return lost_; }

 private:
  void finish_opening(std::string reason);
  void wait_readable();
  void read_available();
  void take_bytes(std::string_view bytes);
  [[nodiscard]] bool take_upgrade(std::string_view& bytes);
  void handle(const Frame& frame);
  void flush();
  void lose(std::string reason);

  ClientContext& context_;
  boost::asio::ip::tcp::socket socket_;
  std::function<void(std::string)> opened_;  // until the upgrade is answered
  std::string unparsed_, message_, out_;
  std::size_t index_;
  bool upgraded_ = false;
  bool flushing_ = false;
  bool lost_ = false;
};

}  // namespace bench
