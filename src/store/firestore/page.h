#pragma once
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "store/firestore/documents.h"
#include "store/firestore/queries.h"
#include "store/store.h"

namespace store::firestore {

/// What the newest commit says at the time as of which a page is read.
struct Snapshot {
  Seq last = 0;
  std::vector<Vanish> vanishing{};
};

/// One page, read in looks, each of documents by name or of queries, all as of the time of
/// `snapshot`; what they bring is merged into query order, and what the request leaves out is left
/// out. Asks for few documents, because each costs: what the page can hold, more only where most of
/// what came was left out.
///
///   while (!reader.done()) { run all of reader.next_look(); if (!reader.take(results)) → damaged }
///
/// Of one thread at a time; outlived by what it is given by reference.
class PageReader {
 public:
  PageReader(const PageRequest& request, Snapshot snapshot, const Names& names,
             nostr::MessageParser& parser, Sha256& sha256);

  /// The page is as full as it may be, or nothing is left. May be true from the start.
  [[nodiscard]] bool done() const { return done_; }

  /// What to ask for next, at once: either documents by their relative names, or queries, 16 at
  /// most.
  struct Look {
    std::vector<std::string> names{};
    std::vector<v1::StructuredQuery> queries{};
  };
  /// REQUIRES: not done(); the look before was taken.
  [[nodiscard]] Look next_look();
  /// For queries: what each found, in their order. For names: one list of what is there, in any
  /// order. False when something stored is damaged.
  [[nodiscard]] bool take(std::span<const std::vector<v1::Document>> results);
  [[nodiscard]] Page take_page() { return std::move(page_); }

 private:
  /// One query that is read on and on; what it brought and was not looked at yet.
  struct Source {
    std::vector<std::string> entries{};
    std::optional<Position> reached{};  // the last that it brought
    std::deque<StoredEvent> waiting{};
    std::size_t limit = 0;  // of the last look
    bool finished = false;  // it brings nothing more

    [[nodiscard]] bool is_dry() const { return waiting.empty() && !finished; }
    [[nodiscard]] bool is_over() const { return waiting.empty() && finished; }
  };

  void prepare(Sha256& sha256);
  [[nodiscard]] Stretch stretch_behind(const std::optional<Position>& place) const;
  [[nodiscard]] bool comes_before(const Position& a, const Position& b) const;
  [[nodiscard]] bool is_shown(const StoredEvent& stored) const;

  [[nodiscard]] Look look_for_ids();
  [[nodiscard]] bool take_found(std::span<const v1::Document> found);
  /// Of what was found by id, what has room in the page.
  void keep_first();

  [[nodiscard]] std::size_t wanted() const;
  [[nodiscard]] std::size_t limit_of(const Source& source) const;
  [[nodiscard]] bool fill(Source& source, std::span<const v1::Document> found);
  /// As far as all sources have something.
  void merge();
  void look_at(StoredEvent stored);
  [[nodiscard]] bool is_full() const;

  const PageRequest& request_;
  const Snapshot snapshot_;
  const Names& names_;
  nostr::MessageParser& parser_;
  const std::size_t max_events_, max_scanned_;
  std::vector<Source> sources_;
  std::vector<std::size_t> asked_;   // by the last look; sources
  std::size_t next_id_ = 0;          // of the filter's ids
  std::optional<Position> reached_;  // the last event that was looked at
  std::size_t scanned_ = 0;
  std::size_t bytes_ = 0;
  bool done_ = false;
  Page page_;
};

}  // namespace store::firestore
