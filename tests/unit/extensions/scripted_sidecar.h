#pragma once
// A sidecar that says, byte by byte, what a test tells it to; on the loop of the client under test.
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace test {

/// A key and a certificate for "localhost" that signs itself: its own CA.
struct SelfSigned {
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
  std::unique_ptr<X509, decltype(&X509_free)> certificate{X509_new(), X509_free};

  SelfSigned() {
    X509* cert = certificate.get();
    X509_set_version(cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_set_pubkey(cert, key.get());
    X509_NAME* name = X509_get_subject_name(cert);
    const auto* text = reinterpret_cast<const unsigned char*>("localhost");
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
    X509_set_issuer_name(cert, name);
    add(NID_basic_constraints, "critical,CA:TRUE");
    add(NID_subject_alt_name, "DNS:localhost");
    if (X509_sign(cert, key.get(), EVP_sha256()) == 0) throw std::runtime_error("X509_sign");
  }

  void write_certificate(const std::string& path) const {
    const std::unique_ptr<BIO, decltype(&BIO_free)> file(BIO_new_file(path.c_str(), "w"), BIO_free);
    if (PEM_write_bio_X509(file.get(), certificate.get()) == 0) throw std::runtime_error(path);
  }

 private:
  void add(int what, const char* value) const {
    const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
        X509V3_EXT_conf_nid(nullptr, nullptr, what, value), X509_EXTENSION_free);
    X509_add_ext(certificate.get(), extension.get(), -1);
  }
};

class ScriptedSidecar {
 public:
  using tcp = boost::asio::ip::tcp;
  inline static const std::string silence;  ///< takes the request and never answers

  /// Speaks TLS when it has a certificate.
  explicit ScriptedSidecar(boost::asio::io_context& loop, const SelfSigned* identity = nullptr)
      : acceptor_(loop, {boost::asio::ip::address_v4::loopback(), 0}), tls_(identity != nullptr) {
    if (identity != nullptr) {
      SSL_CTX_use_PrivateKey(context_.native_handle(), identity->key.get());
      SSL_CTX_use_certificate(context_.native_handle(), identity->certificate.get());
    }
    boost::asio::co_spawn(loop, accept(), boost::asio::detached);
  }

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  void will_say(std::string answer, bool then_hang_up = false) {
    script_.push_back({std::move(answer), then_hang_up});
  }
  void stop_listening() { acceptor_.close(); }

  std::vector<std::string> requests{};  ///< heads, as they came
  int connections = 0;                  ///< ever
  int open = 0;                         ///< now

 private:
  struct Line {
    std::string answer;
    bool then_hang_up;
  };

  boost::asio::awaitable<void> accept() {
    for (;;) {
      auto socket = co_await acceptor_.async_accept(boost::asio::use_awaitable);
      ++connections;
      ++open;
      auto ended = [this](const std::exception_ptr&) { --open; };
      boost::asio::co_spawn(acceptor_.get_executor(), serve(std::move(socket)), ended);
    }
  }
  boost::asio::awaitable<void> serve(tcp::socket socket) {
    if (!tls_) co_return co_await converse(socket);
    boost::asio::ssl::stream<tcp::socket> stream(std::move(socket), context_);
    co_await stream.async_handshake(boost::asio::ssl::stream_base::server,
                                    boost::asio::use_awaitable);
    co_await converse(stream);
  }
  /// Ends by an exception when the client hangs up.
  template <typename Stream>
  boost::asio::awaitable<void> converse(Stream& stream) {
    std::string input;
    for (;;) {
      const auto size = co_await boost::asio::async_read_until(
          stream, boost::asio::dynamic_buffer(input), "\r\n\r\n", boost::asio::use_awaitable);
      requests.push_back(input.substr(0, size));
      input.erase(0, size);
      if (script_.empty()) co_return;
      const Line line = std::move(script_.front());
      script_.pop_front();
      co_await boost::asio::async_write(stream, boost::asio::buffer(line.answer),
                                        boost::asio::use_awaitable);
      if (line.then_hang_up) co_return;
    }
  }

  tcp::acceptor acceptor_;
  bool tls_;
  boost::asio::ssl::context context_{boost::asio::ssl::context::tls_server};
  std::deque<Line> script_;
};

}  // namespace test
