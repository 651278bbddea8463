#include "net/unix_socket.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

#include "support/temp_folder.h"
#include "unit/net/server_fixture.h"

namespace net {
namespace {

using namespace test;
using testing::HasSubstr;

class UnixSockets : public ServerTest {
 protected:
  std::string listen_error() {
    const auto made = UnixSocket::listen(path);
    return made ? "" : made.error();
  }
  void start_with_socket() {
    auto made = UnixSocket::listen(path);
    ASSERT_TRUE(made) << made.error();
    options.unix_socket = std::move(*made);
    start();
  }

  TempFolder folder;
  const std::string path = (folder.path() / "relay.sock").string();
};

TEST_F(UnixSockets, ServesBesideThePort) {
  start_with_socket();
  auto local = RawClient::of_unix_socket(path);
  EXPECT_EQ(local.upgrade().status, 101);
  local.send(text_frame("hello"));
  EXPECT_EQ(local.read_text(), "hello");
  auto remote = open_websocket();
  remote.send(text_frame("hello"));
  EXPECT_EQ(remote.read_text(), "hello");
}

TEST_F(UnixSockets, OnlyOwnerAndGroupMayConnect) {
  const auto made = UnixSocket::listen(path);
  ASSERT_TRUE(made) << made.error();
  struct stat file{};
  ASSERT_EQ(::lstat(path.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0660u);
}

TEST_F(UnixSockets, FileGoesWithIt) {
  ASSERT_TRUE(UnixSocket::listen(path));
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(UnixSockets, FileThatAnotherHasPutInItsPlaceStays) {
  auto made = UnixSocket::listen(path);
  ASSERT_TRUE(made) << made.error();
  std::filesystem::rename(path, path + ".old");  // so that its inode is not given out again
  std::ofstream(path) << "another's";
  made->reset();
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST_F(UnixSockets, FileThatNobodyListensOnIsReplaced) {
  const int left_behind = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(left_behind, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::close(left_behind);
  ASSERT_TRUE(std::filesystem::exists(path));
  EXPECT_EQ(listen_error(), "");
}

TEST_F(UnixSockets, FileThatSomebodyListensOnIsNot) {
  const auto first = UnixSocket::listen(path);
  ASSERT_TRUE(first) << first.error();
  EXPECT_THAT(listen_error(), HasSubstr(path + ": another program listens there"));
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST_F(UnixSockets, OtherFilesAreNotTouched) {
  std::ofstream(path) << "precious";
  EXPECT_THAT(listen_error(), HasSubstr("is no socket"));
  EXPECT_EQ(std::filesystem::file_size(path), 8u);
}

TEST_F(UnixSockets, PathThatIsTooLongIsRefusedWithTheLimit) {
  const std::string longest = path + std::string(107 - path.size(), 'x');
  EXPECT_TRUE(UnixSocket::listen(longest));
  const auto refused = UnixSocket::listen(longest + "x");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(), HasSubstr("has 108 bytes; the path of a Unix socket may have 107"));
}

TEST_F(UnixSockets, MissingFolderIsNamed) {
  const auto refused = UnixSocket::listen((folder.path() / "none" / "relay.sock").string());
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(), HasSubstr("none/relay.sock: No such file or directory; name a"));
}

TEST_F(UnixSockets, PeerIsLoopbackUnlessItIsATrustedProxy) {
  start_with_socket();
  auto local = RawClient::of_unix_socket(path);
  EXPECT_EQ(local.upgrade("X-Real-IP: 192.0.2.1\r\n").status, 101);
  EXPECT_EQ(on_loop([&] { return sessions.at(0)->peer; }), base::parse_ip_address("127.0.0.1"));
}

TEST_F(UnixSockets, TrustedProxyNamesTheClient) {
  options.proxies = TrustedProxies({"unix"});
  start_with_socket();
  auto local = RawClient::of_unix_socket(path);
  EXPECT_EQ(local.upgrade("X-Real-IP: 192.0.2.1\r\n").status, 101);
  EXPECT_EQ(on_loop([&] { return sessions.at(0)->peer; }), base::parse_ip_address("192.0.2.1"));
  RawClient remote(port);
  EXPECT_EQ(remote.upgrade("X-Real-IP: 192.0.2.1\r\n").status, 101);
  EXPECT_EQ(on_loop([&] { return sessions.at(1)->peer; }), base::parse_ip_address("127.0.0.1"));
}

TEST_F(UnixSockets, PathIsFreeWhileTheServerDrains) {
  start_with_socket();
  auto local = RawClient::of_unix_socket(path);
  EXPECT_EQ(local.upgrade().status, 101);
  options.unix_socket.reset();
  EXPECT_FALSE(std::filesystem::exists(path));
  local.send(text_frame("still here"));
  EXPECT_EQ(local.read_text(), "still here");
}

}  // namespace
}  // namespace net
