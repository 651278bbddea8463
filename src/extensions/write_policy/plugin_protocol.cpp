#include "extensions/write_policy/plugin_protocol.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "base/ip_network.h"

namespace extensions::write_policy {
namespace {

using relay::Verdict;

constexpr std::size_t max_reason_bytes = 500;

std::string authed(const nostr::Event& event, const nostr::Viewer& viewer) {
  if (viewer.anonymous()) return {};
  const auto& key = viewer.proves(event.pubkey) ? event.pubkey : viewer.keys.front();
  return fmt::format(R"(,"authed":"{}")", base::to_hex(key));
}

/// `word: text` (NIP-01)
bool has_prefix(std::string_view text) {
  const auto end = text.find(": ");
  return end != 0 && end != text.npos && std::ranges::all_of(text.substr(0, end), [](char c) {
           return (c >= 'a' && c <= 'z') || c == '-';
         });
}

/// At most max_reason_bytes, no character cut.
std::string_view bounded(std::string_view text) {
  if (text.size() <= max_reason_bytes) return text;
  std::size_t end = max_reason_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

Verdict rejection(std::string_view message) {
  if (message.empty()) return Verdict::deny("blocked: this relay's write policy refuses it");
  if (has_prefix(message)) return Verdict::deny(std::string(bounded(message)));
  return Verdict::deny(fmt::format("blocked: {}", bounded(message)));
}

Verdict verdict_of(std::string_view action, std::string_view message) {
  if (action == "accept") return Verdict::pass();
  if (action == "shadowReject") return Verdict::swallow();
  if (action == "reject") return rejection(message);
  return Verdict::deny("error: the write policy gave no valid answer; try again later");
}

std::string_view text_of(simdjson::dom::object object, std::string_view key) {
  std::string_view text;
  return object[key].get_string().get(text) == simdjson::SUCCESS ? text : std::string_view{};
}

}  // namespace

std::string question_line(const nostr::Event& event, const nostr::Viewer& viewer,
                          const base::IpAddress& peer, base::UnixSeconds received_at) {
  const std::string address = base::to_text(peer);
  return fmt::format(
      R"({{"type":"new","event":{},"receivedAt":{},"sourceType":"{}","sourceInfo":"{}"{}}})"
      "\n",
      event.json, received_at, address.contains(':') ? "IP6" : "IP4", address,
      authed(event, viewer));
}

struct ReplyParser::Impl {
  simdjson::dom::parser parser;
};

ReplyParser::ReplyParser() : impl_(std::make_unique<Impl>()) {}
ReplyParser::~ReplyParser() = default;

std::optional<Reply> ReplyParser::parse(std::string_view line) {
  simdjson::dom::object object;
  if (impl_->parser.parse(line.data(), line.size()).get(object) != simdjson::SUCCESS)
    return std::nullopt;
  const auto id = base::from_hex<nostr::EventId>(text_of(object, "id"));
  if (!id) return std::nullopt;
  return Reply{*id, verdict_of(text_of(object, "action"), text_of(object, "msg"))};
}

}  // namespace extensions::write_policy
