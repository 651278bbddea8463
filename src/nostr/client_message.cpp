#include "nostr/client_message.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "nostr/event_reader.h"
#include "nostr/filter_reader.h"
#include "nostr/json_reader.h"

namespace nostr {
namespace {

using Answer = MessageError::Answer;
using Parsed = std::expected<ClientMessage, MessageError>;
using json::Fault;
using json::Items;
using json::Result;
namespace ondemand = json::ondemand;

constexpr std::size_t max_echoed_id_bytes = 64;
constexpr std::size_t max_echoed_verb_bytes = 32;

std::string prefixed(const Fault& fault) {
  return (fault.kind == Fault::Kind::unsupported ? "unsupported: " : "invalid: ") + fault.reason;
}

Parsed notice(std::string reason) {
  return std::unexpected(MessageError{Answer::notice, "", std::move(reason)});
}

Parsed notice(const Fault& fault) { return notice(prefixed(fault)); }

std::size_t count_characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(
      utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// The next item, which must be there and a string.
Result<std::string_view> next_string(Items& items, std::string_view wanted) {
  auto item = items.next();
  if (!item) return std::unexpected(item.error());
  if (!*item) return json::bad_shape(std::string(wanted));
  return json::read_string(**item, wanted);
}

/// The next item, if there is one, which must be an object then.
Result<std::optional<ondemand::object>> next_object(Items& items, std::string_view wanted) {
  auto item = items.next();
  if (!item) return std::unexpected(item.error());
  if (!*item) return std::nullopt;
  ondemand::object object;
  if (const auto error = (*item)->get_object().get(object)) return json::fault_of(error, wanted);
  return object;
}

Result<std::vector<std::uint8_t>> read_neg_message(Items& items) {
  constexpr std::string_view wanted = "a negentropy message is a string of lowercase hex";
  const auto hex = next_string(items, wanted);
  if (!hex) return std::unexpected(hex.error());
  std::vector<std::uint8_t> bytes(hex->size() / 2);
  if (!base::decode_hex(*hex, bytes)) return json::bad_shape(std::string(wanted));
  return bytes;
}

Parsed neg_err(std::string id, const Fault& fault) {
  if (fault.kind == Fault::Kind::syntax) return notice(fault);
  return std::unexpected(MessageError{Answer::neg_err, std::move(id), prefixed(fault)});
}

}  // namespace

struct MessageParser::Impl {
  explicit Impl(const base::Limits& the_limits) : limits(the_limits) {}

  Parsed parse(std::string_view message);
  template <typename Message>
  Parsed parse_event_message(Items& items);
  template <typename Message>
  Parsed parse_query(Items& items);
  Parsed parse_close(Items& items);
  Parsed parse_neg_open(Items& items);
  Parsed parse_neg_msg(Items& items);
  Parsed parse_neg_close(Items& items);

  /// Copies `text` and makes it the document.
  Result<void> load(std::string_view text);
  /// Makes the copied text the document, from its start.
  Result<void> start();
  Result<ondemand::array> root_array();
  Result<ondemand::object> root_object(std::string_view wanted);
  /// Walks over what is left of the array; nothing may follow it.
  Result<void> finish(Items& items);
  Result<void> check_end();

  Result<Event> read_event(Items& items);
  Result<std::string> read_subscription(Items& items);
  Result<std::vector<Filter>> read_filters(Items& items);
  Result<Filter> read_one_filter(Items& items);
  std::string sent_id();

  base::Limits limits;
  ondemand::parser parser;
  ondemand::document document;
  std::string padded;  // the text, and the slack that simdjson reads beyond it
  std::size_t text_size = 0;
  EventReader event_reader;
};

Result<void> MessageParser::Impl::load(std::string_view text) {
  text_size = text.size();
  padded.assign(text);
  padded.append(simdjson::SIMDJSON_PADDING, '\0');
  return start();
}

Result<void> MessageParser::Impl::start() {
  const simdjson::padded_string_view view(padded.data(), text_size, padded.size());
  if (const auto error = parser.iterate(view).get(document)) return json::fault_of(error, {});
  return {};
}

Result<ondemand::array> MessageParser::Impl::root_array() {
  ondemand::array array;
  if (const auto error = document.get_array().get(array))
    return json::fault_of(error, "a message is a JSON array");
  return array;
}

Result<ondemand::object> MessageParser::Impl::root_object(std::string_view wanted) {
  ondemand::object object;
  if (const auto error = document.get_object().get(object)) return json::fault_of(error, wanted);
  return object;
}

Result<void> MessageParser::Impl::check_end() {
  if (document.current_location().error() == simdjson::OUT_OF_BOUNDS) return {};
  return std::unexpected(Fault{Fault::Kind::syntax, "text follows the end of the JSON value"});
}

Result<void> MessageParser::Impl::finish(Items& items) {
  while (true) {
    const auto item = items.next();
    if (!item) return std::unexpected(item.error());
    if (!*item) return check_end();
  }
}

Parsed MessageParser::Impl::parse(std::string_view message) {
  if (const auto loaded = load(message); !loaded) return notice(loaded.error());
  const auto array = root_array();
  if (!array) return notice(array.error());
  Items items(*array);
  const auto verb = next_string(items, "a message begins with its verb, a string");
  if (!verb) return notice(verb.error());
  if (*verb == "EVENT") return parse_event_message<EventMessage>(items);
  if (*verb == "REQ") return parse_query<ReqMessage>(items);
  if (*verb == "COUNT") return parse_query<CountMessage>(items);
  if (*verb == "CLOSE") return parse_close(items);
  if (*verb == "AUTH") return parse_event_message<AuthMessage>(items);
  if (*verb == "NEG-OPEN") return parse_neg_open(items);
  if (*verb == "NEG-MSG") return parse_neg_msg(items);
  if (*verb == "NEG-CLOSE") return parse_neg_close(items);
  return notice(
      fmt::format("invalid: unknown verb {}; known: EVENT, REQ, COUNT, CLOSE, AUTH, NEG-OPEN, "
                  "NEG-MSG, NEG-CLOSE",
                  json::utf8_prefix(*verb, max_echoed_verb_bytes)));
}

template <typename Message>
Parsed MessageParser::Impl::parse_event_message(Items& items) {
  auto event = read_event(items);
  if (event) return Message{std::move(*event)};
  const Fault& fault = event.error();
  // Broken JSON is no message at all; a message whose event is malformed still gets its OK.
  std::string id = fault.kind == Fault::Kind::syntax ? "" : sent_id();
  if (id.empty()) return notice(fault);
  constexpr auto answer =
      std::is_same_v<Message, AuthMessage> ? Answer::auth_false : Answer::ok_false;
  return std::unexpected(MessageError{answer, std::move(id), prefixed(fault)});
}

template <typename Message>
Parsed MessageParser::Impl::parse_query(Items& items) {
  auto subscription = read_subscription(items);
  if (!subscription) return notice(subscription.error());
  auto filters = read_filters(items);
  if (filters) return Message{std::move(*subscription), std::move(*filters)};
  const Fault& fault = filters.error();
  if (fault.kind == Fault::Kind::syntax) return notice(fault);
  constexpr auto answer =
      std::is_same_v<Message, CountMessage> ? Answer::count_closed : Answer::closed;
  return std::unexpected(MessageError{answer, std::move(*subscription), prefixed(fault)});
}

Parsed MessageParser::Impl::parse_close(Items& items) {
  auto subscription = read_subscription(items);
  if (!subscription) return notice(subscription.error());
  if (const auto finished = finish(items); !finished) return notice(finished.error());
  return CloseMessage{std::move(*subscription)};
}

Parsed MessageParser::Impl::parse_neg_open(Items& items) {
  auto id = read_subscription(items);
  if (!id) return notice(id.error());
  auto filter = read_one_filter(items);
  if (!filter) return neg_err(std::move(*id), filter.error());
  auto message = read_neg_message(items);
  if (!message) return neg_err(std::move(*id), message.error());
  if (const auto finished = finish(items); !finished) return notice(finished.error());
  return NegOpenMessage{std::move(*id), std::move(*filter), std::move(*message)};
}

Parsed MessageParser::Impl::parse_neg_msg(Items& items) {
  auto id = read_subscription(items);
  if (!id) return notice(id.error());
  auto message = read_neg_message(items);
  if (!message) return neg_err(std::move(*id), message.error());
  if (const auto finished = finish(items); !finished) return notice(finished.error());
  return NegMsgMessage{std::move(*id), std::move(*message)};
}

Parsed MessageParser::Impl::parse_neg_close(Items& items) {
  auto id = read_subscription(items);
  if (!id) return notice(id.error());
  if (const auto finished = finish(items); !finished) return notice(finished.error());
  return NegCloseMessage{std::move(*id)};
}

Result<Event> MessageParser::Impl::read_event(Items& items) {
  constexpr std::string_view wanted = "the second item must be an event object";
  const auto object = next_object(items, wanted);
  if (!object) return std::unexpected(object.error());
  if (!*object) return json::bad_shape(std::string(wanted));
  auto event = event_reader.read(**object, static_cast<std::size_t>(limits.max_event_tags));
  if (!event) return event;
  if (const auto finished = finish(items); !finished) return std::unexpected(finished.error());
  return event;
}

Result<std::string> MessageParser::Impl::read_subscription(Items& items) {
  const auto wanted =
      fmt::format("a subscription id has 1 to {} characters", limits.max_subid_length);
  const auto text = next_string(items, wanted);
  if (!text) return std::unexpected(text.error());
  if (text->empty() || count_characters(*text) > static_cast<std::size_t>(limits.max_subid_length))
    return json::bad_shape(wanted);
  return std::string(*text);
}

Result<std::vector<Filter>> MessageParser::Impl::read_filters(Items& items) {
  const auto max_filters = static_cast<std::size_t>(limits.max_filters);
  const auto max_values = static_cast<std::size_t>(limits.max_filter_values);
  std::vector<Filter> filters;
  while (true) {
    const auto object = next_object(items, "a filter must be an object");
    if (!object) return std::unexpected(object.error());
    if (!*object) break;
    if (filters.size() == max_filters)
      return json::bad_shape(fmt::format("too many filters; the limit is {}", max_filters));
    auto filter = read_filter(**object, max_values);
    if (!filter) return std::unexpected(filter.error());
    filters.push_back(std::move(*filter));
  }
  if (const auto ended = check_end(); !ended) return std::unexpected(ended.error());
  if (filters.empty()) return json::bad_shape("at least one filter is needed");
  return filters;
}

Result<Filter> MessageParser::Impl::read_one_filter(Items& items) {
  constexpr std::string_view wanted = "the third item must be a filter object";
  const auto object = next_object(items, wanted);
  if (!object) return std::unexpected(object.error());
  if (!*object) return json::bad_shape(std::string(wanted));
  return read_filter(**object, static_cast<std::size_t>(limits.max_filter_values));
}

/// The id of a malformed event as the client wrote it, however odd, so that the OK finds its event.
/// "" if there is none.
std::string MessageParser::Impl::sent_id() {
  std::string_view id;
  if (!start() || document.get_array().at(1).find_field_unordered("id").get_string().get(id))
    return "";
  return std::string(json::utf8_prefix(id, max_echoed_id_bytes));
}

MessageParser::MessageParser(const base::Limits& limits) : impl_(std::make_unique<Impl>(limits)) {}

void MessageParser::set_limits(const base::Limits& limits) { impl_->limits = limits; }
MessageParser::~MessageParser() = default;

std::expected<ClientMessage, MessageError> MessageParser::parse(std::string_view message) {
  return impl_->parse(message);
}

std::expected<Event, std::string> MessageParser::parse_event(std::string_view text) {
  if (const auto loaded = impl_->load(text); !loaded) return std::unexpected(loaded.error().reason);
  const auto object = impl_->root_object("an event is a JSON object");
  if (!object) return std::unexpected(object.error().reason);
  // Stored events keep what an earlier limit let in.
  auto event = impl_->event_reader.read(*object, std::numeric_limits<std::size_t>::max(), text);
  if (!event) return std::unexpected(event.error().reason);
  if (const auto ended = impl_->check_end(); !ended) return std::unexpected(ended.error().reason);
  return std::move(*event);
}

std::expected<Filter, std::string> MessageParser::parse_filter(std::string_view text) {
  if (const auto loaded = impl_->load(text); !loaded) return std::unexpected(loaded.error().reason);
  const auto object = impl_->root_object("a filter is a JSON object");
  if (!object) return std::unexpected(object.error().reason);
  auto filter = read_filter(*object, static_cast<std::size_t>(impl_->limits.max_filter_values));
  if (!filter) return std::unexpected(filter.error().reason);
  if (const auto ended = impl_->check_end(); !ended) return std::unexpected(ended.error().reason);
  return std::move(*filter);
}

}  // namespace nostr
