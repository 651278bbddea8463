#include "nostr/relay_message_reader.h"

#include "nostr/client_message.h"
#include "nostr/json_reader.h"

namespace nostr {
namespace {

using json::Items;
using json::Result;
using Answer = Result<RelayAnswer>;

Result<json::ondemand::value> next_value(Items& items, std::string_view wanted) {
  auto item = items.next();
  if (!item) return std::unexpected(item.error());
  if (!*item) return json::bad_shape(std::string(wanted));
  return **item;
}

Result<std::string> next_string(Items& items, std::string_view wanted) {
  auto value = next_value(items, wanted);
  if (!value) return std::unexpected(value.error());
  auto text = json::read_string(*value, wanted);
  if (!text) return std::unexpected(text.error());
  return std::string(*text);
}

Answer read_ok(Items& items) {
  auto id = next_string(items, "OK names an event");
  if (!id) return std::unexpected(id.error());
  auto value = next_value(items, "OK says true or false");
  if (!value) return std::unexpected(value.error());
  bool accepted = false;
  if (value->get_bool().get(accepted)) return json::bad_shape("OK says true or false");
  return OkAnswer{std::move(*id), accepted, next_string(items, "").value_or("")};
}

Answer read_neg_msg(Items& items) {
  constexpr std::string_view wanted = "NEG-MSG carries lowercase hex";
  auto id = next_string(items, "NEG-MSG names a reconciliation");
  if (!id) return std::unexpected(id.error());
  const auto hex = next_string(items, wanted);
  if (!hex) return std::unexpected(hex.error());
  std::vector<std::uint8_t> bytes(hex->size() / 2);
  if (!base::decode_hex(*hex, bytes)) return json::bad_shape(std::string(wanted));
  return NegMsgAnswer{std::move(*id), std::move(bytes)};
}

template <typename Said>
Answer read_text(Items& items) {
  auto text = next_string(items, "this verb is followed by a text");
  if (!text) return std::unexpected(text.error());
  return Said{std::move(*text)};
}

/// An id, and a reason that may be left out.
template <typename Refusal>
Answer read_refusal(Items& items) {
  auto id = next_string(items, "a refusal names what it refuses");
  if (!id) return std::unexpected(id.error());
  return Refusal{std::move(*id), next_string(items, "").value_or("")};
}

}  // namespace

struct RelayMessageReader::Impl {
  Answer read(std::string_view message);
  Answer read_event(Items& items);

  json::ondemand::parser parser;
  json::ondemand::document document;
  simdjson::padded_string padded;
  MessageParser events{base::Limits{}};
};

Answer RelayMessageReader::Impl::read_event(Items& items) {
  auto subscription = next_string(items, "EVENT names a subscription");
  if (!subscription) return std::unexpected(subscription.error());
  auto value = next_value(items, "EVENT carries an event");
  if (!value) return std::unexpected(value.error());
  json::ondemand::object object;
  std::string_view text;
  if (value->get_object().get(object) || object.raw_json().get(text))
    return json::bad_shape("EVENT carries an event");
  auto event = events.parse_event(text);
  if (!event) return json::bad_shape(std::move(event.error()));
  return EventAnswer{std::move(*subscription), std::move(*event)};
}

Answer RelayMessageReader::Impl::read(std::string_view message) {
  constexpr std::string_view wanted = "a message is a JSON array";
  padded = simdjson::padded_string(message);
  json::ondemand::array array;
  if (const auto error = parser.iterate(padded).get(document)) return json::fault_of(error, wanted);
  if (const auto error = document.get_array().get(array)) return json::fault_of(error, wanted);
  Items items(array);
  const auto verb = next_string(items, "a message begins with its verb");
  if (!verb) return std::unexpected(verb.error());
  if (*verb == "EVENT") return read_event(items);
  if (*verb == "OK") return read_ok(items);
  if (*verb == "CLOSED") return read_refusal<ClosedAnswer>(items);
  if (*verb == "NEG-MSG") return read_neg_msg(items);
  if (*verb == "NEG-ERR") return read_refusal<NegErrAnswer>(items);
  if (*verb == "EOSE") return read_text<EoseAnswer>(items);
  if (*verb == "NOTICE") return read_text<NoticeAnswer>(items);
  return OtherAnswer{};
}

RelayMessageReader::RelayMessageReader() : impl_(std::make_unique<Impl>()) {}
RelayMessageReader::~RelayMessageReader() = default;

std::expected<RelayAnswer, std::string> RelayMessageReader::read(std::string_view message) {
  auto answer = impl_->read(message);
  if (!answer) return std::unexpected(std::move(answer.error().reason));
  return *std::move(answer);
}

}  // namespace nostr
