#include "app/line_reader.h"

#include <algorithm>

namespace app {

std::expected<bool, std::string> LineReader::read_more() {
  const auto bytes = input_.read(block_);
  if (!bytes) return std::unexpected(bytes.error());
  left_ = std::string_view(block_.data(), *bytes);
  return *bytes > 0;
}

void LineReader::append(Line& line, std::string_view part) const {
  const std::size_t room = max_bytes_ - std::min(max_bytes_, line.text.size());
  line.too_long |= part.size() > room;
  line.text += part.substr(0, room);
}

std::expected<std::optional<Line>, std::string> LineReader::next() {
  Line line;
  for (;;) {
    if (left_.empty()) {
      const auto more = read_more();
      if (!more) return std::unexpected(more.error());
      if (!*more && line.text.empty()) return std::nullopt;
      if (!*more) break;
    }
    if (line.text.empty()) line.number = ++number_;
    const std::size_t end = left_.find('\n');
    append(line, left_.substr(0, end));
    left_.remove_prefix(end == left_.npos ? left_.size() : end + 1);
    if (end == left_.npos) continue;
    if (line.text.ends_with('\r')) line.text.pop_back();
    if (!line.text.empty()) break;
  }
  return line;
}

}  // namespace app
