#pragma once
// The one door through which events reach people (relay/visibility.h), as a rule about who may write what.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Words that only some files below src/ may use; comments may.
struct Reserved {
  std::string_view words;
  std::vector<std::string_view>
      places;  ///< folders with a slash at the end, or files without their ending
  std::string_view why;
};

/// A store in hand is a way past the read decision. The app makes it; the writer only writes; the worker passes it on to
/// Visibility, and to extensions as a reader of rows; a stored query, or a ranked one, asks it and shows what Visibility lets through.
inline const std::vector<Reserved> one_door = {
    {"store::Store",
     {"store/", "app/", "relay/visibility", "relay/worker", "relay/writer"},
     "only Visibility reads events from the store"},
    {"#include \"store/store.h\"",
     {"store/", "app/", "relay/visibility", "relay/worker", "relay/writer", "relay/messages",
      "extensions/"},
     "only Visibility reads events from the store"},
    {".query(",
     {"store/", "relay/stored_query", "relay/ranked_query"},
     "only a stored query reads events from the store"},
    {"->query(",
     {"store/", "relay/stored_query", "relay/ranked_query"},
     "only a stored query reads events from the store"},
    {"walk_events(",
     {"store/", "app/cmd_delete", "app/cmd_scan", "app/event_printer"},
     "only an operator's command reads past the read decision"},
    {"may_read(",
     {"relay/visibility", "relay/admission", "relay/extension/", "extensions/"},
     "only Visibility asks for the read decision"},
    {"VisibleEvent(", {"relay/visibility"}, "only Visibility makes an event visible"},
};

/// Does this line of `file`, a path below src/, go round the door? nullopt: no; else why not.
[[nodiscard]] std::optional<std::string> another_door(std::string_view file, std::string_view line);
