#pragma once
// A Unix socket before PostgreSQL's that cuts connections at the worst moments.
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "support/temp_folder.h"

namespace test {

/// Passes bytes on between clients and the server whose socket lies in `server`. Thread-safe.
class CuttingProxy {
 public:
  enum class Cut {
    none,
    before_commit,  ///< COMMIT is not passed on
    after_commit,   ///< it is carried out, the answer is not passed on
  };

  explicit CuttingProxy(const std::filesystem::path& server);
  ~CuttingProxy();

  /// `url` with this socket in the place of the server's.
  [[nodiscard]] std::string before(const std::string& url) const;
  /// How the next COMMIT that comes by ends.
  void cut_next(Cut cut) { cut_ = cut; }
  /// Cuts every connection there is.
  void cut_all();

 private:
  using Protocol = boost::asio::local::stream_protocol;
  struct Pair;

  void accept();
  void to_server(Pair& pair);
  void to_client(Pair& pair);

  const TempFolder folder_;
  const std::string server_;
  boost::asio::io_context context_;
  Protocol::acceptor acceptor_;
  std::atomic<Cut> cut_ = Cut::none;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Pair>> pairs_;  // guarded by mutex_
  std::vector<std::thread> pumps_;            // guarded by mutex_
  std::atomic<bool> stopping_ = false;
  std::thread accepting_;
};

}  // namespace test
