#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <expected>
#include <string>

#include "extensions/mls_gateway/acl_members.h"

namespace extensions::mls_gateway {

struct AclClientOptions {
  AclUrl url{};
  std::chrono::milliseconds timeout{2'000};  ///< for the whole exchange, from name to answer
  std::string token{};  ///< sent as "Authorization: Bearer …" unless empty; printable ASCII
};

/// Asks the sidecar over HTTP/1.1; for https:// its certificate must be signed by a CA of the
/// system for the URL's host. Answers beyond 16 KiB are malformed; redirects are not followed.
///
/// Connections stay open for the next question (a handshake costs more than the answer), as many as
/// were ever in use at once and at most 16. What is returned is confined to the thread that runs
/// `executor`, whose context must outlive it. The error is a sentence for the operator.
[[nodiscard]] std::expected<AskSidecar, std::string> make_acl_client(
    boost::asio::any_io_executor executor, AclClientOptions options);

}  // namespace extensions::mls_gateway
