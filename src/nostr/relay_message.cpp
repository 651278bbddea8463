#include "nostr/relay_message.h"

#include <fmt/format.h>

#include <array>
#include <cstring>

namespace nostr {
namespace {

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

/// True if any of the eight bytes needs an escape. Borrows may only mark bytes above a true hit, so
/// "any" is exact.
bool any_needs_escape(std::uint64_t word) {
  constexpr std::uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080;
  const auto has_zero = [](std::uint64_t w) { return (w - ones) & ~w & highs; };
  const std::uint64_t below_space = (word - ones * 0x20) & ~word & highs;
  return (below_space | has_zero(word ^ ones * '"') | has_zero(word ^ ones * '\\')) != 0;
}

/// How many leading bytes go out as they are.
std::size_t plain_run(std::string_view text) {
  std::size_t i = 0;
  for (std::uint64_t word; i + sizeof word <= text.size(); i += sizeof word) {
    std::memcpy(&word, text.data() + i, sizeof word);
    if (any_needs_escape(word)) break;
  }
  while (i < text.size() && !needs_escape(text[i])) ++i;
  return i;
}

void append_escape(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    default:
      break;
  }
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u00";
  out += digits[static_cast<unsigned char>(c) >> 4];
  out += digits[c & 15];
}

/// `["<verb>","<text>"`, to be continued.
std::string head(std::string_view verb, std::string_view text) {
  std::string out;
  out.reserve(verb.size() + text.size() + 16);
  out += "[\"";
  out += verb;
  out += "\",";
  append_json_string(out, text);
  return out;
}

std::string message(std::string_view verb, std::string_view text) { return head(verb, text) + ']'; }

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (true) {
    const std::size_t run = plain_run(text);
    out += text.substr(0, run);
    if (run == text.size()) break;
    append_escape(out, text[run]);
    text.remove_prefix(run + 1);
  }
  out += '"';
}

std::string ok_message(std::string_view event_id, bool accepted, std::string_view reason) {
  std::string out = head("OK", event_id);
  out += accepted ? ",true," : ",false,";
  append_json_string(out, reason);
  return out + ']';
}

std::string eose_message(std::string_view subscription) { return message("EOSE", subscription); }

std::string finished_eose_message(std::string_view subscription) {
  return head("EOSE", subscription) + R"(,["finish"]])";
}

std::string count_message(std::string_view query, std::uint64_t count, bool approximate,
                          std::string_view hll) {
  std::string out = head("COUNT", query) + fmt::format(R"(,{{"count":{})", count);
  if (approximate) out += R"(,"approximate":true)";
  if (!hll.empty()) out += fmt::format(R"(,"hll":"{}")", hll);
  return out + "}]";
}

std::string closed_message(std::string_view subscription, std::string_view reason) {
  std::string out = head("CLOSED", subscription) + ',';
  append_json_string(out, reason);
  return out + ']';
}

std::string notice_message(std::string_view text) { return message("NOTICE", text); }

std::string auth_message(std::string_view challenge) { return message("AUTH", challenge); }

std::string event_message_head(std::string_view subscription) {
  return head("EVENT", subscription) + ',';
}

std::string neg_msg_message(std::string_view reconciliation,
                            std::span<const std::uint8_t> message) {
  return head("NEG-MSG", reconciliation) + ",\"" + base::to_hex(message) + "\"]";
}

std::string neg_err_message(std::string_view reconciliation, std::string_view reason,
                            std::optional<std::uint64_t> max_events) {
  std::string out = head("NEG-ERR", reconciliation) + ',';
  append_json_string(out, reason);
  if (max_events) out += fmt::format(",{}", *max_events);
  return out + ']';
}

}  // namespace nostr
