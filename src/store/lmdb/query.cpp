#include "store/lmdb/query.h"

#include <algorithm>

#include "store/lmdb/merge.h"
#include "store/lmdb/record.h"
#include "store/lmdb/vanish.h"
#include "store/plan.h"
#include "store/query_order.h"

namespace store::lmdb {
namespace {

/// What one page parses at most, give or take an event: large events must fill neither memory nor a
/// worker's turn.
constexpr std::size_t max_page_bytes = 4 << 20;

/// The events of a list of ids, in query order or backwards.
class ById {
 public:
  ById(Txn& txn, const Databases& databases, const std::vector<nostr::EventId>& ids,
       const PageRequest& request) {
    for (const nostr::EventId& id : ids) {
      if (const auto seq = txn.get(databases.ids, id.view())) {
        add(txn, databases, id, read_seq(txn, *seq));
      }
    }
    std::ranges::sort(hits_, {}, [](const Hit& hit) { return hit.place.view(); });
    if (request.oldest_first) std::ranges::reverse(hits_);
    if (!request.after) return;
    const Key resumed = Key().add_place(*request.after);
    const auto passed = [&](std::string_view place) {
      return request.oldest_first ? place >= resumed.view() : place <= resumed.view();
    };
    while (!done() && passed(hits_[next_].place.view())) ++next_;
  }

  [[nodiscard]] std::optional<Entry> next() {
    if (done()) return std::nullopt;
    const Hit& hit = hits_[next_++];
    return Entry{.place = hit.place.view(), .seq = hit.seq};
  }
  [[nodiscard]] bool done() const { return next_ == hits_.size(); }

 private:
  struct Hit {
    Key place;
    Seq seq;
  };

  void add(Txn& txn, const Databases& databases, const nostr::EventId& id, Seq seq) {
    const auto bytes = txn.get(databases.events, seq);
    const auto record = bytes ? read_record(*bytes) : std::nullopt;
    if (!record) return txn.fail_corrupt();
    hits_.push_back({Key().add_place({.created_at = record->created_at, .id = id}), seq});
  }

  std::vector<Hit> hits_;
  std::size_t next_ = 0;
};

/// Turns entries into the page's events, up to the limits of the request.
class PageFiller {
 public:
  PageFiller(ReaderPool::Lease& lease, const Databases& databases, const PageRequest& request)
      : txn_(lease.txn()),
        parser_(lease.parser()),
        databases_(databases),
        request_(request),
        any_vanishing_(any_vanishing(txn_, databases)) {}

  template <typename Source>
  void fill(Page& page, Source source) {
    while (const auto entry = source.next()) {
      if (auto stored = look_at(entry->seq)) page.events.push_back(*std::move(stored));
      ++scanned_;
      if (!is_full(page)) continue;
      if (!source.done()) page.next = read_place(entry->place);
      return;
    }
  }

 private:
  std::optional<StoredEvent> look_at(Seq seq) {
    if (request_.up_to && seq > *request_.up_to) return std::nullopt;
    const auto bytes = txn_.get(databases_.events, seq);
    const auto record = bytes ? read_record(*bytes) : std::nullopt;
    if (!record) return corrupt();
    if (expired(record->expires_at, request_.now) || !wants(record->kind)) return std::nullopt;
    parsed_bytes_ += record->json.size();
    auto stored = parse_record(*record, seq, parser_);
    if (!stored) return corrupt();
    if (!request_.filter.matches(*stored->event) || is_vanishing(*stored)) return std::nullopt;
    return stored;
  }

  [[nodiscard]] bool is_vanishing(const StoredEvent& stored) {
    if (!any_vanishing_) return false;
    const auto find = [this](const auto& key) { return vanishing(txn_, databases_, key); };
    return vanish_over(stored, find).has_value();
  }

  [[nodiscard]] bool is_full(const Page& page) const {
    return page.events.size() >= request_.max_events || scanned_ >= request_.max_scanned ||
           parsed_bytes_ >= max_page_bytes;
  }

  /// Spares the parsing where an index does not know kinds.
  [[nodiscard]] bool wants(nostr::Kind kind) const {
    const auto& kinds = request_.filter.kinds;
    return !kinds || std::ranges::binary_search(*kinds, kind);
  }

  std::optional<StoredEvent> corrupt() {
    txn_.fail_corrupt();
    return std::nullopt;
  }

  Txn& txn_;
  nostr::MessageParser& parser_;
  const Databases& databases_;
  const PageRequest& request_;
  const bool any_vanishing_;
  std::size_t scanned_ = 0;
  std::size_t parsed_bytes_ = 0;
};

}  // namespace

Page run_query(ReaderPool::Lease& lease, const Databases& databases, const PageRequest& request) {
  Page page;
  Txn& txn = lease.txn();
  page.snapshot = last_seq(txn, databases);
  const nostr::Filter& filter = request.filter;
  if (filter.matches_nothing()) return page;
  PageFiller filler(lease, databases, request);
  if (filter.ids) {
    filler.fill(page, ById(txn, databases, *filter.ids, request));
  } else {
    const Plan plan = choose_plan(filter, lease.sha256());
    filler.fill(page, Merge(txn, databases, plan, request));
  }
  return page;
}

}  // namespace store::lmdb
