#pragma once
#include <string>
#include <string_view>

#include "fake_firestore/fake_firestore.h"

namespace fake_firestore {

/// Does what one line says and answers with one line: "ok", numbers, or "error: …".
///
///   fail <method> <code> [before|after] [times]     delay <method> <ms> [before|after] [times]
///   hold <method> [before|after] [times]            release        held -> "held <number>"
///   cut [code]     reset     forget-tokens     heartbeat     clear (faults)
///   down           up        (an outage of the server; documents stay)
///   counts -> "reads <n> writes <n> deletes <n>"     clear-counts
///   calls <method> -> "calls <n>"                    streams -> "streams <n>"
///
/// Faults are met before the call takes effect unless it says "after", and once.
[[nodiscard]] std::string obey(FakeFirestore& fake, std::string_view line);

}  // namespace fake_firestore
