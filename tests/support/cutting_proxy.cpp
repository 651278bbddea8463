#include "support/cutting_proxy.h"

#include <array>
#include <boost/asio/write.hpp>

namespace test {
namespace {

constexpr const char* socket_name = ".s.PGSQL.5432";

std::string host_in(const std::string& url) {
  const auto begin = url.find("host=") + 5;
  return url.substr(begin, url.find('&', begin) - begin);
}

}  // namespace

struct CuttingProxy::Pair {
  explicit Pair(boost::asio::io_context& context) : client(context), server(context) {}
  // Both ends stop reading; whoever pumps closes nothing that another uses.
  void cut() {
    boost::system::error_code ignored;
    client.shutdown(Protocol::socket::shutdown_both, ignored);
    server.shutdown(Protocol::socket::shutdown_both, ignored);
  }
  Protocol::socket client, server;
  std::atomic<bool> mute = false;  // the server's answers are kept back
};

CuttingProxy::CuttingProxy(const std::filesystem::path& server)
    : server_((server / socket_name).string()),
      acceptor_(context_, Protocol::endpoint((folder_.path() / socket_name).string())),
      accepting_([this] { accept(); }) {}

CuttingProxy::~CuttingProxy() {
  stopping_ = true;
  boost::system::error_code ignored;
  Protocol::socket(context_).connect(Protocol::endpoint((folder_.path() / socket_name).string()),
                                     ignored);  // wakes accept()
  accepting_.join();
  cut_all();
  for (std::thread& pump : pumps_) pump.join();
}

std::string CuttingProxy::before(const std::string& url) const {
  std::string changed = url;
  return changed.replace(changed.find(host_in(url)), host_in(url).size(), folder_.path().string());
}

void CuttingProxy::cut_all() {
  const std::lock_guard lock(mutex_);
  for (const auto& pair : pairs_) pair->cut();
}

void CuttingProxy::accept() {
  for (;;) {
    auto pair = std::make_shared<Pair>(context_);
    boost::system::error_code error;
    acceptor_.accept(pair->client, error);
    if (stopping_ || error) return;
    pair->server.connect(Protocol::endpoint(server_), error);
    if (error) continue;
    const std::lock_guard lock(mutex_);
    pairs_.push_back(pair);
    pumps_.emplace_back([this, pair] { to_server(*pair); });
    pumps_.emplace_back([this, pair] { to_client(*pair); });
  }
}

void CuttingProxy::to_server(Pair& pair) {
  std::vector<char> bytes(1 << 20);
  for (;;) {
    boost::system::error_code error;
    const std::size_t size = pair.client.read_some(boost::asio::buffer(bytes), error);
    if (error) return pair.cut();
    const bool commits = std::string_view(bytes.data(), size).contains("COMMIT");
    const Cut cut = commits ? cut_.exchange(Cut::none) : Cut::none;
    if (cut == Cut::before_commit) return pair.cut();
    if (cut == Cut::after_commit) pair.mute = true;
    boost::asio::write(pair.server, boost::asio::buffer(bytes.data(), size), error);
    if (error) return pair.cut();
  }
}

void CuttingProxy::to_client(Pair& pair) {
  std::vector<char> bytes(1 << 20);
  for (;;) {
    boost::system::error_code error;
    const std::size_t size = pair.server.read_some(boost::asio::buffer(bytes), error);
    // The answer to a COMMIT has come, so it was carried out.
    if (error || pair.mute) return pair.cut();
    boost::asio::write(pair.client, boost::asio::buffer(bytes.data(), size), error);
    if (error) return pair.cut();
  }
}

}  // namespace test
