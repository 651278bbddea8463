#include "app/landing_page.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <set>

#include "app/html.h"
#include "app/landing_style.h"
#include "app/sha256.h"
#include "nostr/nip19.h"

namespace app {
namespace {

using nostr::RelayInfo;

constexpr std::string_view own_icon =
    R"(<svg class="icon" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" )"
    R"(fill="#3b5bdb"/><path d="M6 18h4l3-8 5 13 3-9 1.5 4H26" fill="none" stroke="#fff" )"
    R"(stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round"/></svg>)";

/// A name and what goes with it, which is HTML already.
std::string row(std::string_view name, std::string_view html) {
  return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", name, html);
}

std::string section(std::string_view title, std::string_view html) {
  return html.empty() ? "" : fmt::format("<section><h2>{}</h2>{}</section>", title, html);
}

std::string list(std::string_view rows, std::string_view of_class) {
  return rows.empty() ? "" : fmt::format(R"(<dl class="{}">{}</dl>)", of_class, rows);
}

/// 12345678 -> "12,345,678"
std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  return digits;
}

std::string bytes(std::int64_t number) {
  if (number >= 1024 && number % 1024 == 0) return grouped(number / 1024) + " KiB";
  return grouped(number) + " bytes";
}

std::string seconds(std::int64_t number) {
  if (number >= 86400 && number % 86400 == 0) return grouped(number / 86400) + " days";
  if (number >= 60 && number % 60 == 0) return grouped(number / 60) + " min";
  return grouped(number) + " s";
}

std::string head(const RelayInfo& info) {
  const std::string icon =
      is_plain_https(info.icon)
          ? fmt::format(R"(<img class="icon" src="{}" alt="" referrerpolicy="no-referrer">)",
                        html_escaped(info.icon))
          : std::string(own_icon);
  return fmt::format(
      R"(<header>{}<div><h1 dir="auto">{}</h1><p class="about" dir="auto">{}</p></div></header>)",
      icon, html_escaped(info.name), html_escaped(info.description));
}

std::string connecting(std::string_view url) {
  const std::string address =
      url.empty() ? "<p>Connect to this page’s address, with ws:// or wss:// before it.</p>"
                  : fmt::format(R"(<code class="url">{}</code>)", html_escaped(url));
  return section(
      "Connect",
      address + R"(<p class="note">Add this address to the relays of your Nostr client.</p>)");
}

std::string operator_of(const RelayInfo& info) {
  std::string rows;
  if (const auto key = nostr::parse_public_key(info.pubkey)) {
    const std::string npub = nostr::npub(*key);
    rows += row("Key", fmt::format(R"(<a href="nostr:{0}">{0}</a>)", npub));
  }
  if (!info.contact.empty()) {
    const bool mail = info.contact.starts_with("mailto:");
    rows += row("Contact",
                html_link(info.contact, std::string_view(info.contact).substr(mail ? 7 : 0)));
  }
  return section("Operator", list(rows, "words"));
}

std::string policies(const RelayInfo& info) {
  std::string rows = row("Reading", info.auth_required ? "After authentication (NIP-42)"
                                                       : "Public events need no authentication");
  rows += row("Writing", info.restricted_writes ? "Restricted: not everyone may write everything"
                         : info.auth_required   ? "After authentication (NIP-42)"
                                                : "Open to everyone");
  if (info.limits.min_pow_difficulty > 0)
    rows += row("Work", fmt::format("{} bits for each event (NIP-13)",
                                    grouped(info.limits.min_pow_difficulty)));
  if (!info.retention.empty()) rows += row("Keeping", "Some kinds are kept for a limited time");
  for (const nostr::Fee& fee : info.fees)
    rows += row("Fee", fmt::format("{}: {} {}", html_escaped(fee.for_what), grouped(fee.amount),
                                   html_escaped(fee.unit)));
  const auto link = [&rows](std::string_view name, const std::string& target) {
    if (!target.empty()) rows += row(name, html_link(target, target));
  };
  link("Terms", info.terms_of_service);
  link("Privacy", info.privacy_policy);
  link("Posting", info.posting_policy);
  link("Payments", info.payments_url);
  return section("Policies", list(rows, "words"));
}

std::string limits_of(const RelayInfo& info) {
  const base::Limits& limits = info.limits;
  std::string rows = row("Size of a message", bytes(limits.max_message_bytes));
  rows += row("Tags of an event", grouped(limits.max_event_tags));
  rows += row("Subscriptions of a connection", grouped(limits.max_subscriptions));
  rows += row("Filters of a subscription", grouped(limits.max_filters));
  rows += row("Stored events of a request", grouped(limits.max_limit));
  rows += row("Dated ahead at most", seconds(limits.created_at_max_ahead_s));
  if (limits.created_at_max_age_s > 0)
    rows += row("Dated back at most", seconds(limits.created_at_max_age_s));
  return section("Limits", list(rows, "figures"));
}

std::string nips(const RelayInfo& info) {
  std::string items;
  for (const int nip : std::set<int>(info.supported_nips.begin(), info.supported_nips.end()))
    items +=
        fmt::format(R"(<li><a href="https://github.com/nostr-protocol/nips/blob/master/{0:02}.md" )"
                    R"(rel="noopener noreferrer">NIP-{0:02}</a></li>)",
                    nip);
  return section("Supported NIPs", R"(<ul class="chips">)" + items + "</ul>");
}

std::string base64(const base::Bytes32& hash) {
  std::string text(44, '\0');  // and the terminating zero, which EVP_EncodeBlock writes too
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), hash.bytes.data(),
                  static_cast<int>(hash.bytes.size()));
  return text;
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-.:[]").contains(c);
}

}  // namespace

std::string landing_page(const RelayInfo& info, std::string_view url) {
  std::string html = fmt::format(
      R"(<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" )"
      R"(content="width=device-width, initial-scale=1"><meta name="color-scheme" )"
      R"(content="light dark"><title>{}</title><meta name="description" content="{}">)"
      R"(<style>{}</style></head><body><main>)",
      html_escaped(info.name), html_escaped(info.description), landing_style);
  html += head(info) + connecting(url) + operator_of(info) + policies(info) + limits_of(info) +
          nips(info);
  html += fmt::format(
      "<footer>mls-gateway {}, a Nostr relay with an MLS gateway. Programs read the same with "
      "<code>Accept: application/nostr+json</code>.</footer></main></body></html>\n",
      html_escaped(info.version));
  return html;
}

std::string landing_policy(const RelayInfo& info) {
  const std::string icon = is_plain_https(info.icon) ? info.icon : "'none'";
  return fmt::format(
      "default-src 'none'; style-src 'sha256-{}'; img-src {}; base-uri 'none'; form-action 'none'; "
      "frame-ancestors 'none'",
      base64(sha256(landing_style)), icon);
}

std::string websocket_url(std::string_view host, bool secure) {
  if (host.empty() || host.size() > 255 || !std::ranges::all_of(host, is_host_character)) return {};
  return fmt::format("{}://{}", secure ? "wss" : "ws", host);
}

}  // namespace app
