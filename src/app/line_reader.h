#pragma once
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/input.h"

namespace app {

struct Line {
  std::uint64_t number = 0;  ///< from 1 on
  std::string text;          ///< without its end
  bool too_long = false;     ///< only its beginning is in `text`
};

/// An input line by line, none kept beyond `max_bytes`. Used by one thread; outlived by the input.
class LineReader {
 public:
  LineReader(Input& input, std::size_t max_bytes)
      : input_(input), max_bytes_(max_bytes), block_(std::size_t{64} * 1024) {}

  /// nullopt: that was all. Empty lines are left out.
  [[nodiscard]] std::expected<std::optional<Line>, std::string> next();

 private:
  [[nodiscard]] std::expected<bool, std::string> read_more();
  void append(Line& line, std::string_view part) const;

  Input& input_;
  const std::size_t max_bytes_;
  std::vector<char> block_;
  std::string_view left_;
  std::uint64_t number_ = 0;
};

}  // namespace app
