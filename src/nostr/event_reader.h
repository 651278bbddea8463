#pragma once
// Reads an event object and writes the form in which it is stored, hashed and sent. Private to
// src/nostr.
#include <array>
#include <cstddef>
#include <string>

#include "nostr/event.h"
#include "nostr/json_reader.h"

namespace nostr {

/// Reuses its buffer: not thread-safe.
class EventReader {
 public:
  /// Checks the shape of all seven fields (NIP-01), each present once; other fields are skipped.
  /// `text`, when given, is what the object was parsed from: it is kept as the event's JSON if it
  /// differs from ours in the order of the fields alone, as other relays' exports do.
  [[nodiscard]] json::Result<Event> read(json::ondemand::object object, std::size_t max_tags,
                                         std::string_view text = {});

 private:
  /// Text fields as they stand in the parser's buffer.
  struct Texts {
    std::string_view id, pubkey, sig, content;
  };
  static json::Result<void> read_field(std::size_t field, json::ondemand::value from,
                                       std::size_t max_tags, Event& event, Texts& texts);
  void write_json(Event& event, const Texts& texts);
  void write_tags(const Tags& tags);
  struct Slice {
    std::uint32_t begin = 0, end = 0;
  };
  using Slices = std::array<Slice, 7>;  // of each field, from its name on
  static void mark_slices(Event& event, const Slices& slices);
  void keep_order_of(std::string_view text, Event& event) const;
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(scratch_.size()); }

  std::string scratch_;
  Slices written_{};  // in scratch_
};

}  // namespace nostr
