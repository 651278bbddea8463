// Whatever stands in the path, the query and the body of a REST call: read within bounds, or refused as 400.
#include "extensions/mls_gateway/rest_query.h"

#include <fuzzer/FuzzedDataProvider.h>

#include <array>

#include "check.h"
#include "extensions/mls_gateway/rest_body.h"
#include "extensions/mls_gateway/rest_json.h"

using namespace extensions::mls_gateway;

namespace {

template <typename T>
bool refused(const Asked<T>& asked) {
  if (asked) return false;
  check(asked.error().status == 400 && !asked.error().body.empty(),
        "a refusal is 400 and says why");
  return true;
}

void check_query(std::string_view text) {
  constexpr std::array<std::string_view, 4> known{"owner", "since", "limit", "cursor"};
  const auto query = parse_query(text, known);
  if (refused(query)) return;
  check(query->size() <= known.size(), "nothing but what is known");
  const auto since = number_of(*query, "since");
  check(refused(since) || !*since || **since >= 0, "numbers are not negative");
  const auto page = page_of(*query);
  if (refused(page)) return;
  check(page->limit >= 1 && page->limit <= max_page, "pages are bounded");
  if (!page->cursor) return;
  const auto again = parse_page("cursor=" + page_cursor(*page->cursor));
  check(again && again->cursor == page->cursor, "a cursor comes back as it was given");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider bytes(data, size);
  const auto time = bytes.ConsumeIntegral<base::UnixSeconds>();
  check(quoted_time(time).size() == 22, "a time has one form");
  const std::string text = bytes.ConsumeRemainingBytesAsString();
  check_query(text);
  check_query("limit=5&cursor=" + text);
  (void)refused(text_in_body(text, "owner"));
  (void)refused(key_of(text));
  const auto id = group_id_of(text);
  check(refused(id) || id->size() <= 128, "an id is bounded");
  return 0;
}
