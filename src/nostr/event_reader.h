#pragma once
// Reads an event object and writes the form in which it is stored, hashed and sent. Private to
// src/nostr.
#include <cstddef>
#include <string>

#include "nostr/event.h"
#include "nostr/json_reader.h"

namespace nostr {

/// Reuses its buffer: not thread-safe.
class EventReader {
 public:
  /// Checks the shape of all seven fields (NIP-01), each present once; other fields are skipped.
  [[nodiscard]] json::Result<Event> read(json::ondemand::object object, std::size_t max_tags);

 private:
  /// Text fields as they stand in the parser's buffer.
  struct Texts {
    std::string_view id, pubkey, sig, content;
  };
  static json::Result<void> read_field(std::size_t field, json::ondemand::value from,
                                       std::size_t max_tags, Event& event, Texts& texts);
  void write_json(Event& event, const Texts& texts);
  void write_tags(const Tags& tags);

  std::string scratch_;
};

}  // namespace nostr
