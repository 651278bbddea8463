// deploy/cloudrun/firestore.indexes.json against all that is stored and asked. Firestore refuses a
// query without its index only when it runs, and only in production: emulators do not look.
#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "store/firestore/queries.h"
#include "unit/firestore/fake.h"

namespace store::firestore {
namespace {

using test::bytes32;
using test::EventBuilder;
using FieldFilter = v1::StructuredQuery_FieldFilter;

constexpr const char* name_field = "__name__";

/// "c DESCENDING", "i CONTAINS".
using Part = std::string;
/// The name of the collection, then its parts; __name__ is the last.
using Index = std::vector<Part>;
using Indexes = std::set<Index>;

Part part(const std::string& field, bool descending) {
  return field + (descending ? " DESCENDING" : " ASCENDING");
}

const std::string contains = " CONTAINS";

/// Adds what Firestore adds: __name__, in the direction of what is before it.
Index with_name(Index index) {
  if (!index.back().starts_with(name_field))
    index.push_back(part(name_field, index.back().ends_with(" DESCENDING")));
  return index;
}

// What a query needs: https://cloud.google.com/firestore/docs/query-data/index-overview

std::vector<v1::StructuredQuery_FieldFilter> filters_of(const v1::StructuredQuery& query) {
  std::vector<v1::StructuredQuery_FieldFilter> filters;
  for (const auto& filter : query.where().composite_filter().filters())
    filters.push_back(filter.field_filter());
  return filters;
}

std::vector<Part> order_of(const v1::StructuredQuery& query) {
  std::vector<Part> order;
  for (const auto& by : query.order_by())
    order.push_back(
        part(by.field().field_path(), by.direction() == v1::StructuredQuery::DESCENDING));
  return order;
}

Index index_for(const v1::StructuredQuery& query) {
  std::vector<Part> equal, ranged;
  for (const FieldFilter& filter : filters_of(query)) {
    const std::string& field = filter.field().field_path();
    if (filter.op() == FieldFilter::ARRAY_CONTAINS_ANY)
      equal.push_back(field + contains);
    else if (filter.op() == FieldFilter::IN || filter.op() == FieldFilter::EQUAL)
      equal.push_back(part(field, false));
    else
      ranged.push_back(field);
  }
  const auto order = order_of(query);
  // What is compared has to come first in the order, or the index would be another one.
  for (const std::string& field : ranged) EXPECT_TRUE(order.front().starts_with(field + " "));
  Index index{query.from(0).collection_id()};
  std::ranges::copy(equal, std::back_inserter(index));
  std::ranges::copy(order, std::back_inserter(index));
  return with_name(std::move(index));
}

/// Firestore keeps that of names by itself.
bool is_of_names(const Index& index) { return index.size() == 2; }

/// One field, and names in the same direction.
bool is_of_one_field(const Index& index) {
  const auto direction = [](const Part& part) { return part.substr(part.find(' ')); };
  return index.size() == 3 && direction(index[1]) == direction(index[2]);
}

std::vector<v1::StructuredQuery> every_query() {
  const Names names("p", "d");
  std::vector<v1::StructuredQuery> all = {
      events_at(std::vector<std::string>{"k"}),
      events_expired(1, 1),
      events_behind(1, 1),
      rows_below(names, "p", std::nullopt, 1),
      rows_below(names, "p", "pq", 1),
      rows_below(names, "", std::nullopt, 1),
      rows_below(names, "", "pq", 1),
      rows_expired(1, 1),
      tombstones_behind(names, std::nullopt, 1),
      tombstones_behind(names, "k", 1),
      newest_commit(),
      commits_behind(1),
      commits_before(1, 1),
  };
  const std::vector<std::string> entries = {"t0"};
  const std::optional<base::UnixSeconds> bounds[] = {std::nullopt, 5};
  for (const bool oldest_first : {false, true}) {
    for (const auto& since : bounds) {
      for (const auto& until : bounds) {
        for (const auto& after : {std::optional<Position>(), std::optional(Position{5, {}})}) {
          all.push_back(*events_under(names, entries, {since, until, after, oldest_first}, 1));
        }
      }
    }
  }
  for (const auto covered : {fetched::Covered::author, fetched::Covered::recipient}) {
    all.push_back(*events_left(names, {bytes32(1), 9, 9, covered}, std::nullopt, 1));
    all.push_back(*events_left(names, {bytes32(1), 9, 9, covered}, Position{5, {}}, 1));
  }
  return all;
}

Indexes needed(bool of_one_field) {
  Indexes all;
  for (const v1::StructuredQuery& query : every_query()) {
    Index index = index_for(query);
    if (!is_of_names(index) && is_of_one_field(index) == of_one_field) all.insert(std::move(index));
  }
  return all;
}

/// What the file says.
struct File {
  Indexes composite{};
  Indexes single{};
  std::set<std::string> decided{};  // "events.c": what Firestore would index in every way is said
};

std::string text(simdjson::dom::element object, const char* key) {
  return std::string(std::string_view(object[key]));
}

Part part_of(const std::string& field, simdjson::dom::element config) {
  std::string_view order;
  return config["order"].get(order) ? field + " " + text(config, "arrayConfig")
                                    : field + " " + std::string(order);
}

File read_file() {
  simdjson::dom::parser parser;
  const simdjson::dom::element root =
      parser.load(GATEWAY_SOURCE_DIR "/deploy/cloudrun/firestore.indexes.json");
  File file;
  for (const simdjson::dom::element each : root["indexes"].get_array()) {
    EXPECT_EQ(text(each, "queryScope"), "COLLECTION");
    Index index{text(each, "collectionGroup")};
    for (const simdjson::dom::element field : each["fields"].get_array())
      index.push_back(part_of(text(field, "fieldPath"), field));
    EXPECT_TRUE(file.composite.insert(with_name(index)).second);
  }
  for (const simdjson::dom::element each : root["fieldOverrides"].get_array()) {
    const std::string collection = text(each, "collectionGroup"), field = text(each, "fieldPath");
    EXPECT_TRUE(file.decided.insert(collection + "." + field).second);
    for (const simdjson::dom::element config : each["indexes"].get_array()) {
      EXPECT_EQ(text(config, "queryScope"), "COLLECTION");
      file.single.insert(with_name({collection, part_of(field, config)}));
    }
  }
  return file;
}

/// "events.c" of every field that a document can have.
std::set<std::string> every_field() {
  const Names names("p", "d");
  Sha256 sha256;
  const auto event = test::stored(EventBuilder(1).kind(0), 1, 2);
  std::set<std::string> all;
  for (const v1::Document& document :
       {event_document(names, event, sha256),
        row_document(names, {.key = "k", .value = "v", .expires_at = 1}),
        tombstone_document(names, {"k", 1}), commit_document(names, {})}) {
    const auto relative = names.relative(document.name());
    for (const auto& [field, value] : document.fields())
      all.insert(std::string(relative.substr(0, relative.find('/'))) + "." + field);
  }
  return all;
}

TEST(Indexes, TheFileHoldsWhatQueriesNeedAndNothingElse) {
  EXPECT_EQ(read_file().composite, needed(false));
}

TEST(Indexes, AFieldIsIndexedAloneOnlyAsItIsAskedForAlone) {
  EXPECT_EQ(read_file().single, needed(true));
}

TEST(Indexes, OfEveryFieldTheFileSaysHowItIsIndexed) {
  EXPECT_EQ(read_file().decided, every_field());
}

TEST(Indexes, EveryQueryIsMadeInTheListThatTheFileIsCheckedAgainst) {
  const std::filesystem::path folder = GATEWAY_SOURCE_DIR "/src/store/firestore";
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().stem() == "queries") continue;
    std::ifstream in(file.path());
    const std::string source{std::istreambuf_iterator<char>(in), {}};
    for (const char* making : {"add_from(", "mutable_where(", "add_order_by(", "mutable_from("})
      EXPECT_EQ(source.find(making), std::string::npos) << file.path().filename() << ": " << making;
  }
}

}  // namespace
}  // namespace store::firestore
