#pragma once
// Messages of the negentropy protocol, version 1, as bytes: a version, then ranges in ascending order, each with its upper
// bound and what the sender says about it. What is not said at the end is skipped.
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "nostr/negentropy_items.h"

namespace nostr::negentropy {

using Bytes = std::vector<std::uint8_t>;

inline constexpr std::uint8_t protocol_version = 0x61;

/// What is wrong with a message.
enum class Error {
  truncated,   ///< ends within a range, or names more ids than follow
  bad_number,  ///< too large, or with more digits than needed
  bad_bound,   ///< below the one before it, behind the end, or with an id over 32 bytes
  unknown_mode,
  unsupported_version,  ///< of an answer: the responder knows another protocol
};
/// A sentence for the other side.
[[nodiscard]] std::string_view describe(Error error);

enum class Mode : std::uint8_t { skip = 0, fingerprint = 1, ids = 2 };

struct Range {
  Bound end;
  Mode mode = Mode::skip;
  Fingerprint fingerprint{};            ///< of Mode::fingerprint
  std::span<const std::uint8_t> ids{};  ///< of Mode::ids: 32 bytes each, within the message
};

/// Reads the ranges of one message. Any bytes will do as input; `message`, without its version, outlives the reader.
class RangeReader {
 public:
  explicit RangeReader(std::span<const std::uint8_t> message) : left_(message) {}

  [[nodiscard]] bool done() const { return left_.empty(); }
  /// REQUIRES: !done().
  [[nodiscard]] std::expected<Range, Error> next();

 private:
  [[nodiscard]] std::expected<std::uint64_t, Error> number();
  [[nodiscard]] std::expected<std::span<const std::uint8_t>, Error> take(std::uint64_t bytes);
  [[nodiscard]] std::expected<Bound, Error> bound();

  std::span<const std::uint8_t> left_;
  Bound last_{};
};

/// Writes one message, range by range in ascending order.
class RangeWriter {
 public:
  RangeWriter() : bytes_{protocol_version} {}

  /// Neighbouring ones become one, and those at the end none.
  void skip(const Bound& end) { skipped_ = end; }
  void fingerprint(const Bound& end, const Fingerprint& fingerprint);
  /// The ids of items[begin, end_index).
  void ids(const Bound& end, const Items& items, std::size_t begin, std::size_t end_index);

  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] Bytes take() && { return std::move(bytes_); }

 private:
  void head(const Bound& end, Mode mode);
  void bound(const Bound& bound);

  Bytes bytes_;
  std::uint64_t last_time_ = 0;
  std::optional<Bound> skipped_;
};

}  // namespace nostr::negentropy
