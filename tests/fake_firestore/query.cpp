#include "fake_firestore/query.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "fake_firestore/fields.h"
#include "fake_firestore/filters.h"
#include "fake_firestore/names.h"
#include "fake_firestore/values.h"

namespace fake_firestore {

namespace {

std::weak_ordering reversed(std::weak_ordering order) { return 0 <=> order; }

}  // namespace

Query::Query(std::string parent, v1::StructuredQuery wanted)
    : parent_(std::move(parent)), wanted_(std::move(wanted)), order_(order_of(wanted_)) {}

Result<Query> Query::make(std::string parent, v1::StructuredQuery wanted) {
  Query query(std::move(parent), std::move(wanted));
  if (auto valid = query.check(); !valid) return std::unexpected(valid.error());
  return query;
}

/// What was asked for, then the fields of ranges by name, then __name__, in the direction of the
/// last that was asked for.
std::vector<Query::Order> Query::order_of(const v1::StructuredQuery& wanted) {
  std::vector<Order> order;
  const auto add = [&](const std::string& field, bool descending) {
    if (std::ranges::find(order, field, &Order::field) == order.end())
      order.push_back({.field = field, .descending = descending});
  };
  for (const auto& by : wanted.order_by())
    add(by.field().field_path(), by.direction() == v1::StructuredQuery::DESCENDING);
  const bool descending = !order.empty() && order.back().descending;
  for (const std::string& field : ranged_fields(wanted.where())) add(field, descending);
  add("__name__", descending);
  return order;
}

Result<void> Query::check() const {
  const auto places = static_cast<int>(order_.size());
  if (wanted_.from_size() != 1) return invalid("a query looks into exactly one collection");
  if (wanted_.has_find_nearest())
    return std::unexpected(Failure{Code::unimplemented, "find_nearest is not there"});
  if (wanted_.offset() < 0 || wanted_.limit().value() < 0)
    return invalid("offset or limit is negative");
  if (wanted_.start_at().values_size() > places || wanted_.end_at().values_size() > places)
    return invalid("a cursor has more values than the order has fields");
  if (!lies_in_range(wanted_.start_at()) || !lies_in_range(wanted_.end_at()))
    return invalid("cursor position is outside the range of the original query");
  if (!wanted_.has_where() && order_.front().field == "__name__" && order_.front().descending)
    return std::unexpected(Failure{Code::failed_precondition, "no index of names, descending"});
  for (const Order& by : order_)
    if (!parse_path(by.field)) return invalid("an order has an invalid path");
  return wanted_.has_where() ? check_filter(wanted_.where()) : Result<void>();
}

bool Query::lies_in_range(const v1::Cursor& cursor) const {
  return cursor.values().empty() || !wanted_.has_where() ||
         lies_in_ranges(wanted_.where(), order_.front().field, cursor.values(0));
}

bool Query::lies_in_collection(const std::string& name) const {
  const auto& from = wanted_.from(0);
  const std::string_view rest = below(parent_, name);
  if (rest.empty()) return false;
  const bool direct = std::ranges::count(rest, '/') == 1;
  const bool named = from.collection_id().empty() || collection_of(name) == from.collection_id();
  return named && (direct || from.all_descendants());
}

std::optional<Query::Key> Query::key_of(const v1::Document& document) const {
  if (!lies_in_collection(document.name())) return std::nullopt;
  if (wanted_.has_where() && !keeps(wanted_.where(), document)) return std::nullopt;
  Key key;
  for (const Order& by : order_) {
    auto value = value_at(document, by.field);
    if (!value) return std::nullopt;
    key.push_back(*std::move(value));
  }
  if (!between_cursors(key)) return std::nullopt;
  return key;
}

std::weak_ordering Query::compare_to(const v1::Cursor& cursor, const Key& key) const {
  for (int i = 0; i < cursor.values_size(); ++i) {
    const auto place = static_cast<std::size_t>(i);
    const auto order = compare(key[place], cursor.values(i));
    if (order != 0) return order_[place].descending ? reversed(order) : order;
  }
  return std::weak_ordering::equivalent;
}

bool Query::between_cursors(const Key& key) const {
  if (wanted_.has_start_at()) {
    const auto place = compare_to(wanted_.start_at(), key);
    if (place < 0 || (place == 0 && !wanted_.start_at().before())) return false;
  }
  if (wanted_.has_end_at()) {
    const auto place = compare_to(wanted_.end_at(), key);
    if (place > 0 || (place == 0 && wanted_.end_at().before())) return false;
  }
  return true;
}

bool Query::comes_before(const Key& left, const Key& right) const {
  for (std::size_t i = 0; i < order_.size(); ++i) {
    const auto order = compare(left[i], right[i]);
    if (order != 0) return order_[i].descending ? order > 0 : order < 0;
  }
  return false;
}

std::vector<Document> Query::run(const Documents& documents, Micros at) const {
  const auto& from = wanted_.from(0);
  const std::string prefix = from.all_descendants() || from.collection_id().empty()
                                 ? parent_ + '/'
                                 : parent_ + '/' + from.collection_id() + '/';
  std::vector<std::pair<Key, Document>> keyed;
  for (Document& document : documents.starting_with(prefix, at))
    if (auto key = key_of(*document)) keyed.emplace_back(*std::move(key), std::move(document));
  std::ranges::sort(keyed,
                    [&](const auto& a, const auto& b) { return comes_before(a.first, b.first); });

  const auto offset = static_cast<std::size_t>(wanted_.offset());
  const auto limit = static_cast<std::size_t>(wanted_.limit().value());
  auto window = keyed | std::views::drop(offset) | std::views::values;
  std::vector<Document> found;
  for (const Document& document : window) {
    if (wanted_.has_limit() && found.size() == limit) break;
    found.push_back(document);
  }
  return found;
}

v1::Document Query::shown(const v1::Document& document) const {
  if (wanted_.select().fields().empty()) return document;
  std::vector<std::string> paths;
  for (const auto& field : wanted_.select().fields()) paths.push_back(field.field_path());
  return project(document, paths);
}

}  // namespace fake_firestore
