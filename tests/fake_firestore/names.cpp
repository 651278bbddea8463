#include "fake_firestore/names.h"

#include <algorithm>
#include <ranges>
#include <vector>

namespace fake_firestore {

namespace {

constexpr std::size_t max_segment_bytes = 1500;
constexpr std::size_t root_segments = 5;  // projects, P, databases, D, documents

std::vector<std::string_view> segments_of(std::string_view name) {
  std::vector<std::string_view> segments;
  for (const auto& segment : std::views::split(name, '/'))
    segments.emplace_back(segment.begin(), segment.end());
  return segments;
}

bool is_id(std::string_view segment) {
  const bool reserved = segment.size() >= 4 && segment.starts_with("__") && segment.ends_with("__");
  return !segment.empty() && segment.size() <= max_segment_bytes && segment != "." &&
         segment != ".." && !reserved;
}

}  // namespace

Result<void> check_name(std::string_view document) {
  const auto segments = segments_of(document);
  const bool rooted = segments.size() > root_segments && segments[0] == "projects" &&
                      segments[2] == "databases" && segments[4] == "documents";
  const bool even = (segments.size() - root_segments) % 2 == 0;
  if (!rooted || !even) return invalid("not the name of a document");
  if (!std::ranges::all_of(segments | std::views::drop(root_segments), is_id))
    return invalid("an id in the name of the document is empty, reserved or too long");
  return {};
}

std::string_view collection_of(std::string_view document) {
  const auto id = document.rfind('/');
  const auto before = document.rfind('/', id - 1);
  return document.substr(before + 1, id - before - 1);
}

std::string_view below(std::string_view parent, std::string_view document) {
  const bool lies_below = document.size() > parent.size() && document.starts_with(parent) &&
                          document[parent.size()] == '/';
  return lies_below ? document.substr(parent.size() + 1) : std::string_view();
}

}  // namespace fake_firestore
