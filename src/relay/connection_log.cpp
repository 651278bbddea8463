#include "relay/connection_log.h"

#include <openssl/evp.h>

#include <array>
#include <string>
#include <variant>

#include "base/bytes.h"
#include "nostr/relay_message_reader.h"

namespace relay {
namespace {

using base::level::debug;

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};

/// "invalid" of "invalid: …"; "" where there is none.
std::string_view prefix_of(std::string_view reason) {
  const std::size_t end = reason.find_first_not_of("abcdefghijklmnopqrstuvwxyz-");
  return end != reason.npos && reason[end] == ':' ? reason.substr(0, end) : "";
}

/// `["OK",…` is OK.
std::string_view verb_of(std::string_view text) {
  const std::size_t begin = std::min<std::size_t>(2, text.size());
  return text.substr(begin, text.find('"', begin) - begin);
}

std::string salted(const base::IpAddress& client, const AddressSalt& salt) {
  std::string input(salt.begin(), salt.end());
  const base::IpAddress one = client.client();
  input.append(one.value.bytes.begin(), one.value.bytes.end());
  std::array<std::uint8_t, 32> digest{};
  EVP_Digest(input.data(), input.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return base::to_hex(std::span(digest).first(8));
}

}  // namespace

void log_opened(const base::Log& log, std::uint64_t connection, const base::IpAddress& client,
                const AddressSalt* salt) {
  if (!log->should_log(debug)) return;
  if (salt)
    base::log(log, debug, "connection opened",
              {{"connection", connection}, {"client", salted(client, *salt)}});
  else
    base::log(log, debug, "connection opened", {{"connection", connection}});
}

void log_received(const base::Log& log, std::uint64_t connection,
                  const nostr::ClientMessage& message) {
  const auto say = [&](std::string_view verb, std::string_view what, std::uint64_t number) {
    base::log(log, debug, "received", {{"connection", connection}, {"verb", verb}, {what, number}});
  };
  const Overloaded each{
      [&](const nostr::EventMessage& event) { say("EVENT", "kind", event.event.kind); },
      [&](const nostr::ReqMessage& req) { say("REQ", "filters", req.filters.size()); },
      [&](const nostr::CountMessage& count) { say("COUNT", "filters", count.filters.size()); },
      [&](const nostr::AuthMessage& auth) { say("AUTH", "kind", auth.event.kind); },
      [&](const nostr::NegOpenMessage& open) { say("NEG-OPEN", "bytes", open.message.size()); },
      [&](const nostr::NegMsgMessage& next) { say("NEG-MSG", "bytes", next.message.size()); },
      [&](const nostr::NegCloseMessage&) { say("NEG-CLOSE", "bytes", 0); },
      [&](const nostr::CloseMessage&) { say("CLOSE", "bytes", 0); }};
  if (log->should_log(debug)) std::visit(each, message);
}

void log_sent(const base::Log& log, std::uint64_t connection, std::string_view text) {
  if (!log->should_log(debug)) return;
  const auto say = [&](std::string_view result, bool accepted) {
    base::log(log, debug, "answered",
              {{"connection", connection},
               {"verb", verb_of(text)},
               {"accepted", accepted},
               {"result", result}});
  };
  const Overloaded each{
      [&](const nostr::OkAnswer& ok) { say(prefix_of(ok.reason), ok.accepted); },
      [&](const nostr::ClosedAnswer& closed) { say(prefix_of(closed.reason), false); },
      [&](const nostr::NegErrAnswer& error) { say(prefix_of(error.reason), false); },
      [&](const nostr::NoticeAnswer& notice) { say(prefix_of(notice.text), false); },
      [&](const auto&) { say("", true); }};
  if (const auto answer = nostr::RelayMessageReader().read(text)) std::visit(each, *answer);
}

void log_closed(const base::Log& log, std::uint64_t connection, const CloseReason& why,
                const ConnectionCounts& counts, base::UnixSeconds now) {
  base::log(log, debug, "connection closed",
            {{"connection", connection},
             {"code", why.code},
             {"reason", why.text},
             {"seconds", now - counts.opened},
             {"received", counts.received},
             {"sent", counts.sent}});
}

}  // namespace relay
