#pragma once
// Events and filters of made-up ids and keys. Signatures are zero: for layers that do not verify.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "nostr/client_message.h"
#include "nostr/event.h"
#include "nostr/filter.h"

namespace test {

/// Ids and keys are small numbers in 64 hex characters, at their front too: what hashes them looks there.
inline std::string hex(std::uint64_t number) { return fmt::format("{0:016x}{0:048x}", number); }
inline base::Bytes32 bytes32(std::uint64_t number) {
  return *base::from_hex<base::Bytes32>(hex(number));
}

inline std::string json_string(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    json += c;
  }
  return json + '"';
}

/// `EventBuilder(7).by(1).kind(1).at(100).tag({"e", hex(3)})` is event 7 of author 1.
class EventBuilder {
 public:
  explicit EventBuilder(std::uint64_t id) : id_(id) {}

  EventBuilder& by(std::uint64_t author) { return author_ = author, *this; }
  EventBuilder& kind(unsigned kind) { return kind_ = kind, *this; }
  EventBuilder& at(std::int64_t created_at) { return created_at_ = created_at, *this; }
  EventBuilder& content(std::string content) { return content_ = std::move(content), *this; }
  EventBuilder& tag(std::vector<std::string> tag) { return tags_.push_back(std::move(tag)), *this; }

  [[nodiscard]] unsigned kind_number() const { return kind_; }

  [[nodiscard]] std::string json() const {
    std::string tags;
    for (const auto& tag : tags_) {
      std::string items;
      for (const auto& item : tag) items += (items.empty() ? "" : ",") + json_string(item);
      tags += (tags.empty() ? "[" : ",[") + items + "]";
    }
    return fmt::format(
        R"({{"id":"{}","pubkey":"{}","created_at":{},"kind":{},"tags":[{}],"content":{},"sig":"{}"}})",
        hex(id_), hex(author_), created_at_, kind_, tags, json_string(content_),
        std::string(128, '0'));
  }

  [[nodiscard]] nostr::EventPtr build() const {
    nostr::MessageParser parser{base::Limits{}};
    auto event = parser.parse_event(json());
    if (!event) throw std::logic_error(event.error());
    return std::make_shared<const nostr::Event>(*std::move(event));
  }

 private:
  std::uint64_t id_;
  std::uint64_t author_ = 1;
  unsigned kind_ = 1;
  std::int64_t created_at_ = 1000;
  std::string content_;
  std::vector<std::vector<std::string>> tags_;
};

/// `FilterBuilder().kinds({1}).tag('p', {hex(2)})`; keeps the lists sorted and unique as Filter
/// wants them.
class FilterBuilder {
 public:
  FilterBuilder& ids(const std::vector<std::uint64_t>& ids) {
    return filter_.ids = all_bytes32(ids), *this;
  }
  FilterBuilder& authors(const std::vector<std::uint64_t>& authors) {
    return filter_.authors = all_bytes32(authors), *this;
  }
  FilterBuilder& kinds(std::vector<nostr::Kind> kinds) {
    return filter_.kinds = sorted(std::move(kinds)), *this;
  }
  FilterBuilder& tag(char letter, std::vector<std::string> values) {
    return filter_.tags.push_back({letter, sorted(std::move(values))}), *this;
  }
  FilterBuilder& since(std::int64_t time) { return filter_.since = time, *this; }
  FilterBuilder& until(std::int64_t time) { return filter_.until = time, *this; }

  [[nodiscard]] const nostr::Filter& build() const { return filter_; }

 private:
  template <typename T>
  static std::vector<T> sorted(std::vector<T> list) {
    std::ranges::sort(list);
    list.erase(std::ranges::unique(list).begin(), list.end());
    return list;
  }
  static std::vector<base::Bytes32> all_bytes32(const std::vector<std::uint64_t>& numbers) {
    std::vector<base::Bytes32> list;
    for (const std::uint64_t number : numbers) list.push_back(bytes32(number));
    return sorted(std::move(list));
  }

  nostr::Filter filter_;
};

}  // namespace test
