#include "store/fetched/commit_body.h"

#include <limits>

#include "store/keys.h"
#include "store/stored_json.h"

namespace store::fetched {
namespace {

constexpr char format = 1;
constexpr base::UnixSeconds never = std::numeric_limits<base::UnixSeconds>::max();

class Out {
 public:
  void byte(std::uint8_t value) { bytes_.push_back(static_cast<char>(value)); }
  void number(std::uint64_t value) { bytes_.append(Key().add64(value).view()); }
  void time(std::optional<base::UnixSeconds> time) {
    number(static_cast<std::uint64_t>(time.value_or(never)));
  }
  void text(std::string_view text) {
    number(text.size());
    bytes_.append(text);
  }
  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reading beyond the end gives zeros and is remembered.
class In {
 public:
  explicit In(std::string_view bytes) : left_(bytes) {}

  std::uint8_t byte() {
    const auto bytes = take(1);
    return bytes.empty() ? 0 : static_cast<std::uint8_t>(bytes[0]);
  }
  std::uint64_t number() {
    const auto bytes = take(8);
    return bytes.empty() ? 0 : read64(bytes);
  }
  std::optional<base::UnixSeconds> time() {
    const auto time = static_cast<base::UnixSeconds>(number());
    return time == never ? std::nullopt : std::optional(time);
  }
  std::string_view text() { return take(number()); }

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool finished() const { return ok_ && left_.empty(); }

 private:
  std::string_view take(std::uint64_t size) {
    ok_ = ok_ && size <= left_.size();
    if (!ok_) return {};
    const auto bytes = left_.substr(0, size);
    left_.remove_prefix(size);
    return bytes;
  }

  std::string_view left_;
  bool ok_ = true;
};

void write(Out& out, const RowChange& change) {
  out.text(change.key);
  out.byte(change.value.has_value());
  out.text(change.value.value_or(""));
  out.time(change.expires_at);
}

RowChange read_change(In& in) {
  RowChange change{.key = std::string(in.text()), .value = std::nullopt};
  const bool has_value = in.byte() != 0;
  const auto value = in.text();
  if (has_value) change.value = std::string(value);
  change.expires_at = in.time();
  return change;
}

bool read_event(In& in, StoredEvent& stored, nostr::MessageParser& parser) {
  stored.seq = in.number();
  if (in.byte() == 0) return in.ok();
  stored.mark = in.byte();
  stored.expires_at = in.time();
  const auto json = in.text();
  auto whole = in.ok() ? with_event(std::move(stored), json, parser) : std::nullopt;
  if (whole) stored = *std::move(whole);
  return whole.has_value();
}

}  // namespace

std::string encode_body(const CommitBatch& batch,
                        const std::function<bool(const StoredEvent&)>& is_stored) {
  Out out;
  out.byte(format);
  out.number(batch.changes.size());
  for (const RowChange& change : batch.changes) write(out, change);
  out.number(batch.events.size());
  for (const StoredEvent& stored : batch.events) {
    const bool whole = !is_stored(stored);
    out.number(stored.seq);
    out.byte(whole);
    if (!whole) continue;
    out.byte(stored.mark);
    out.time(stored.expires_at);
    out.text(stored.event->json);
  }
  return out.take();
}

std::optional<CommitBody> decode_body(std::string_view bytes, nostr::MessageParser& parser) {
  In in(bytes);
  if (in.byte() != format) return std::nullopt;
  CommitBody body;
  for (std::uint64_t left = in.number(); left > 0 && in.ok(); --left)
    body.changes.push_back(read_change(in));
  for (std::uint64_t left = in.number(); left > 0 && in.ok(); --left) {
    if (!read_event(in, body.events.emplace_back(), parser)) return std::nullopt;
  }
  if (!in.finished()) return std::nullopt;
  return body;
}

}  // namespace store::fetched
