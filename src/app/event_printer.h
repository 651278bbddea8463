#pragma once
#include "app/output.h"
#include "nostr/filter.h"
#include "store/store.h"

namespace app {

enum class Print { events, ids };

/// Prints what `filter` matches to stdout, a line each. Returns the exit code; a reader that has gone ends it quietly.
int print_events(store::Store& store, const nostr::Filter& filter, bool oldest_first, Print what,
                 Packing packing = Packing::none);

}  // namespace app
