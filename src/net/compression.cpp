#include "net/compression.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace net {
namespace {

constexpr std::uint8_t largest_window = 15;

bool is_token_char(char c) {
  const bool alphanumeric =
      (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return alphanumeric || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

struct Parameter {
  std::string_view name;
  std::string value;
  bool has_value = false;
};

struct Offer {
  std::string_view extension;
  std::vector<Parameter> parameters;
};

/// Takes the pieces of a header's value off its front (RFC 6455 §9.1, RFC 9110 §5.6).
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) { skip_space(); }

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  bool take(char mark) {
    if (!rest_.starts_with(mark)) return false;
    rest_.remove_prefix(1);
    skip_space();
    return true;
  }

  /// Empty if there is none.
  std::string_view token() {
    const auto end = std::ranges::find_if_not(rest_, is_token_char);
    const auto taken = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(taken.size());
    skip_space();
    return taken;
  }

  /// A token, in quotes or not; nullopt if there is none.
  std::optional<std::string> value() {
    std::string text(rest_.starts_with('"') ? quoted() : token());
    if (text.empty() || !std::ranges::all_of(text, is_token_char)) return std::nullopt;
    return text;
  }

 private:
  /// "" unless it ends.
  std::string quoted() {
    std::string text;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        skip_space();
        return text;
      }
      if (rest_[i] == '\\' && ++i == rest_.size()) break;
      text += rest_[i];
    }
    return {};
  }

  void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size())); }

  std::string_view rest_;
};

std::optional<Parameter> parse_parameter(Scanner& scanner) {
  Parameter parameter{.name = scanner.token(), .value = {}};
  if (parameter.name.empty()) return std::nullopt;
  if (!scanner.take('=')) return parameter;
  auto value = scanner.value();
  if (!value) return std::nullopt;
  parameter.value = std::move(*value);
  parameter.has_value = true;
  return parameter;
}

std::optional<Offer> parse_offer(Scanner& scanner) {
  Offer offer{.extension = scanner.token(), .parameters = {}};
  if (offer.extension.empty()) return std::nullopt;
  while (scanner.take(';')) {
    auto parameter = parse_parameter(scanner);
    if (!parameter) return std::nullopt;
    offer.parameters.push_back(std::move(*parameter));
  }
  return offer;
}

/// 8 to 15, without leading zeros (RFC 7692 §7.1.2); 0 otherwise.
std::uint8_t window_of(std::string_view value) {
  constexpr std::array<std::string_view, 8> windows = {"8",  "9",  "10", "11",
                                                       "12", "13", "14", "15"};
  const auto* found = std::ranges::find(windows, value);
  return found == windows.end() ? 0 : static_cast<std::uint8_t>(8 + (found - windows.begin()));
}

/// Whether we know what this parameter of an offer asks, and can do it. What the client compresses
/// we inflate with the largest window, so its own window is nothing that we need to answer.
bool keep_to(const Parameter& parameter, Compression& agreed) {
  if (parameter.name == "server_no_context_takeover" ||
      parameter.name == "client_no_context_takeover")
    return !parameter.has_value;
  if (parameter.name == "client_max_window_bits")
    return !parameter.has_value || window_of(parameter.value) != 0;
  if (parameter.name != "server_max_window_bits") return false;
  agreed = {.window_bits = window_of(parameter.value), .window_asked = true};
  return agreed.window_bits != 0;
}

/// None if it is to be declined.
Compression accept(const Offer& offer) {
  if (offer.extension != "permessage-deflate") return {};
  Compression agreed{.window_bits = largest_window};
  for (auto it = offer.parameters.begin(); it != offer.parameters.end(); ++it) {
    const auto same_name = [it](const Parameter& other) { return other.name == it->name; };
    if (std::any_of(offer.parameters.begin(), it, same_name)) return {};
    if (!keep_to(*it, agreed)) return {};
  }
  return agreed;
}

}  // namespace

std::optional<Compression> choose_compression(std::string_view offers) {
  Scanner scanner(offers);
  Compression agreed;
  while (!scanner.at_end()) {
    if (scanner.take(',')) continue;  // a list may have empty elements
    const auto offer = parse_offer(scanner);
    if (!offer || !(scanner.at_end() || scanner.take(','))) return std::nullopt;
    if (!agreed) agreed = accept(*offer);
  }
  return agreed;
}

std::string accepted_extension(Compression agreed) {
  constexpr std::string_view answer =
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
  if (!agreed.window_asked) return std::string(answer);
  return fmt::format("{}; server_max_window_bits={}", answer, agreed.window_bits);
}

}  // namespace net
