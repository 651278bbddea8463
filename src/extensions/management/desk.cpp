#include "extensions/management/desk.h"

#include <fmt/format.h>

#include <algorithm>

#include "extensions/management/methods.h"

namespace extensions::management {
namespace {

constexpr std::string_view supported = "supportedmethods";
constexpr std::size_t page_rows = 500;

std::string names_json() {
  std::string json = "[";
  for (const Method& method : methods()) {
    if (json.size() > 1) json += ',';
    json += fmt::format("\"{}\"", method.name);
  }
  return json += ']';
}

const Method* find(std::string_view name) {
  const auto found = std::ranges::find(methods(), name, &Method::name);
  return found == methods().end() ? nullptr : &*found;
}

Answer bad_params(std::string text) {
  return std::unexpected(Refused{400, "bad_params", std::move(text)});
}

/// From the reason with which an operation was refused, or could not be done ("error: …").
Refused refused_as(const std::string& reason) {
  const auto colon = reason.find(": ");
  const std::string_view word = std::string_view(reason).substr(0, colon);
  std::string text = colon == reason.npos ? reason : reason.substr(colon + 2);
  if (word == "list_full") return {409, "list_full", std::move(text)};
  if (word == "not_listed") return {404, "not_listed", std::move(text)};
  return {503, "unavailable", std::move(text)};
}

}  // namespace

boost::asio::awaitable<Answer> Desk::answer(Call call, Bounds bounds) {
  if (call.method == supported) co_return names_json();
  const Method* method = find(call.method);
  if (!method)
    co_return std::unexpected(
        Refused{400, "unknown_method",
                "there is no such method here; supportedmethods names those there are"});
  if (method->lists) {
    if (!call.params.empty()) co_return bad_params("this method takes no parameters");
    co_return co_await entries_of(*method->lists);
  }
  auto operation = method->change(call.params, bounds);
  if (!operation) co_return bad_params(std::move(operation.error()));
  co_return co_await change(*std::move(operation));
}

boost::asio::awaitable<Answer> Desk::change(store::OperationPtr operation) {
  const auto done = co_await operations_.perform(std::move(operation));
  if (!done) co_return std::unexpected(refused_as(done.error()));
  co_return "true";
}

boost::asio::awaitable<Answer> Desk::entries_of(List list) {
  const std::string prefix = prefix_of(list);
  std::string json = "[";
  std::optional<std::string> after;
  do {
    auto page = co_await rows_.scan_rows(prefix, after, page_rows);
    if (!page)
      co_return std::unexpected(
          Refused{503, "unavailable", "the list could not be read; try again in a moment"});
    for (const store::Row& row : page->rows) {
      if (json.size() > 1) json += ',';
      json += entry_json(list, std::string_view(row.key).substr(prefix.size()), row.value);
    }
    after = std::move(page->next);
  } while (after);
  co_return json += ']';
}

std::string_view known_name(std::string_view method) {
  if (method == supported) return supported;
  const Method* found = find(method);
  return found ? found->name : "an unknown method";
}

}  // namespace extensions::management
