#include "extensions/search/finder.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "extensions/search/word_rows.h"

namespace extensions::search {
namespace {

template <typename T>
using Result = std::expected<T, store::StoreError>;

/// Rows that are looked up in one call.
constexpr std::size_t batch = 256;

struct Candidate {
  Hit hit;
  unsigned score;
};

/// The newest candidates that hold one word.
struct Holders {
  std::string word;
  std::vector<store::Row> rows;
  bool all = false;  ///< there are no others
};

boost::asio::awaitable<Result<Holders>> holders_of(store::RowReader& rows, std::string word,
                                                   const nostr::Filter& filter, std::size_t most) {
  std::optional<std::string> after;
  if (filter.until) after = word_until(word, *filter.until);
  auto page = co_await rows.scan_rows(word_prefix(word), std::move(after), most);
  if (!page) co_return std::unexpected(std::move(page.error()));
  co_return Holders{std::move(word), std::move(page->rows), !page->next};
}

/// The word that the fewest hold; among words that too many hold, any.
boost::asio::awaitable<Result<Holders>> rarest(store::RowReader& rows,
                                               boost::asio::any_io_executor executor,
                                               const nostr::Filter& filter, std::size_t most) {
  std::optional<Holders> best;
  for (const std::string& word : *filter.search) {
    auto holders = co_await holders_of(rows, word, filter, most);
    if (!holders) co_return std::unexpected(std::move(holders.error()));
    if (!best || holders->rows.size() < best->rows.size()) best = std::move(*holders);
    if (best->rows.empty()) break;
    co_await boost::asio::post(executor, boost::asio::use_awaitable);
  }
  co_return std::move(*best);
}

/// Those of `holders` that the filter's other fields do not rule out by what a row tells.
std::vector<Candidate> candidates_of(const Holders& holders, const nostr::Filter& filter) {
  std::vector<Candidate> candidates;
  for (const store::Row& row : holders.rows) {
    auto hit = parse_hit(row);
    if (!hit || (filter.since && time_of(*hit) < *filter.since)) continue;
    if (filter.kinds && !std::ranges::binary_search(*filter.kinds, hit->kind)) continue;
    const unsigned score = hit->weight;
    candidates.push_back({*std::move(hit), score});
  }
  return candidates;
}

/// Drops the candidates that do not hold `word`, and adds its weight to the others.
boost::asio::awaitable<Result<void>> require(store::RowReader& rows, std::string_view word,
                                             std::vector<Candidate>& candidates) {
  for (std::size_t begin = 0; begin < candidates.size(); begin += batch) {
    const std::size_t end = std::min(begin + batch, candidates.size());
    std::vector<std::string> keys;
    for (std::size_t i = begin; i < end; ++i)
      keys.push_back(word_prefix(word).append(candidates[i].hit.place));
    const auto values = co_await rows.get_rows(std::move(keys));
    if (!values) co_return std::unexpected(values.error());
    for (std::size_t i = begin; i < end; ++i) {
      const auto& value = (*values)[i - begin];
      const auto hit = value ? parse_hit(candidates[i].hit.place, *value) : std::nullopt;
      candidates[i].score = hit ? candidates[i].score + hit->weight : 0;
    }
  }
  std::erase_if(candidates, [](const Candidate& candidate) { return candidate.score == 0; });
  co_return Result<void>{};
}

/// The row read last is older than anything that is asked for.
bool passed_since(const Holders& holders, const nostr::Filter& filter) {
  if (!filter.since || holders.rows.empty()) return false;
  const auto last = parse_hit(holders.rows.back());
  return last && time_of(*last) < *filter.since;
}

}  // namespace

boost::asio::awaitable<Result<relay::Found>> find(store::RowReader& rows,
                                                  boost::asio::any_io_executor executor,
                                                  const nostr::Filter& filter, std::size_t most) {
  if (filter.until && *filter.until < 0) co_return relay::Found{.ids = {}, .complete = true};
  const auto holders = co_await rarest(rows, executor, filter, most);
  if (!holders) co_return std::unexpected(holders.error());
  std::vector<Candidate> candidates = candidates_of(*holders, filter);
  for (const std::string& word : *filter.search) {
    if (word == holders->word) continue;
    co_await boost::asio::post(executor, boost::asio::use_awaitable);
    if (auto kept = co_await require(rows, word, candidates); !kept)
      co_return std::unexpected(std::move(kept.error()));
  }
  std::ranges::stable_sort(candidates, std::ranges::greater{}, &Candidate::score);
  relay::Found found{.ids = {}, .complete = holders->all || passed_since(*holders, filter)};
  for (const Candidate& candidate : candidates) found.ids.push_back(id_of(candidate.hit));
  co_return found;
}

}  // namespace extensions::search
