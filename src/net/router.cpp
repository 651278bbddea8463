#include "net/router.h"

#include <optional>
#include <utility>

#include "base/percent.h"

namespace net {
namespace {

/// Takes the next segment off the front of `path`, with the slash behind it.
std::string_view take_segment(std::string_view& path) {
  const auto segment = path.substr(0, path.find('/'));
  path.remove_prefix(std::min(path.size(), segment.size() + 1));
  return segment;
}

/// What `path` has for the names of `pattern`; nullopt: it is another path.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
  std::vector<std::string> found;
  while (!pattern.empty() && !path.empty()) {
    const bool last = pattern.find('/') == pattern.npos;
    if (last != (path.find('/') == path.npos)) return std::nullopt;
    const auto wanted = take_segment(pattern);
    const auto given = take_segment(path);
    if (!wanted.starts_with('{')) {
      if (wanted != given) return std::nullopt;
      continue;
    }
    auto value = base::percent_decoded(given);
    if (!value || value->empty()) return std::nullopt;
    found.push_back(*std::move(value));
  }
  if (pattern.empty() != path.empty()) return std::nullopt;
  return found;
}

}  // namespace

Router::Router(std::vector<relay::HttpRoute> routes) {
  for (auto& route : routes) {
    const bool exact = route.path.find('{') == route.path.npos;
    auto& methods = (exact ? paths_ : patterns_)[route.path];
    if (route.method == "GET") methods.try_emplace("HEAD", route.handler);
    methods.try_emplace(std::move(route.method), std::move(route.handler));
  }
}

Router::Match Router::find(std::string_view method, std::string_view path) const {
  if (const auto methods = paths_.find(path); methods != paths_.end())
    return choose(*methods, method);
  for (const auto& route : patterns_) {
    auto segments = match(route.first, path);
    if (!segments) continue;
    auto found = choose(route, method);
    found.segments = *std::move(segments);
    return found;
  }
  return {};
}

Router::Match Router::choose(const Paths::value_type& route, std::string_view method) {
  const auto& [path, methods] = route;
  if (const auto found = methods.find(method); found != methods.end())
    return {.handler = &found->second, .path = path};
  Match refused{.path = path};
  for (const auto& [name, handler] : methods) {
    if (!refused.allow.empty()) refused.allow += ", ";
    refused.allow += name;
  }
  return refused;
}

}  // namespace net
