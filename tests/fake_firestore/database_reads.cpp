#include <algorithm>
#include <iterator>
#include <set>
#include <span>
#include <utility>

#include "fake_firestore/aggregate.h"
#include "fake_firestore/database.h"
#include "fake_firestore/fields.h"
#include "fake_firestore/names.h"

namespace fake_firestore {

namespace {

constexpr std::size_t default_page = 300;
constexpr std::size_t aggregated_per_read = 1000;

v1::Document masked(const v1::Document& document, bool has_mask, const v1::DocumentMask& mask) {
  if (!has_mask) return document;
  return project(document,
                 std::vector<std::string>(mask.field_paths().begin(), mask.field_paths().end()));
}

/// GetDocument cannot begin a transaction.
template <class Request>
const v1::TransactionOptions* wanted_transaction(const Request& request) {
  if constexpr (requires { request.has_new_transaction(); })
    return request.has_new_transaction() ? &request.new_transaction() : nullptr;
  return nullptr;
}

std::size_t page_of(int wanted) {
  return wanted > 0 ? static_cast<std::size_t>(wanted) : default_page;
}

v1::StructuredQuery all_of(const std::string& collection) {
  v1::StructuredQuery query;
  query.add_from()->set_collection_id(collection);
  return query;
}

}  // namespace

template <class Request>
Result<Database::Reading> Database::reading(const Request& request) {
  if (const auto* options = wanted_transaction(request)) {
    std::string id = transactions_.begin(*options, documents_.tick());
    auto reading = reading_in(id);
    if (reading) reading->started = std::move(id);
    return reading;
  }
  if (!request.transaction().empty()) return reading_in(request.transaction());
  return reading_at(request.has_read_time() ? micros_of(request.read_time()) : documents_.tick());
}

Result<Database::Reading> Database::reading_in(const std::string& transaction) {
  auto found = transactions_.find(transaction);
  return Reading{.at = (*found)->at, .transaction = *found};
}

Result<Database::Reading> Database::reading_at(Micros time) {
  if (time < documents_.oldest())
    return std::unexpected(Failure{Code::failed_precondition, "the read time is too old"});
  return Reading{.at = time};
}

std::vector<Document> Database::run(const Reading& reading, const Query& query) const {
  if (reading.transaction) reading.transaction->queries.push_back(query);
  return query.run(documents_, reading.at);
}

/// One read at least.
void Database::count_query(std::size_t results, int skipped) {
  counts_.reads += std::max(std::int64_t{1}, static_cast<std::int64_t>(results) + skipped);
}

Result<v1::Document> Database::get(const v1::GetDocumentRequest& request) {
  const std::lock_guard lock(mutex_);
  const auto from = reading(request);
  if (!from) return std::unexpected(from.error());
  ++counts_.reads;
  if (from->transaction) from->transaction->documents.insert(request.name());
  const Document found = documents_.find(request.name(), from->at);
  if (!found) return std::unexpected(Failure{Code::not_found, "the document is not there"});
  return masked(*found, request.has_mask(), request.mask());
}

Result<std::vector<v1::BatchGetDocumentsResponse>> Database::batch_get(
    const v1::BatchGetDocumentsRequest& request) {
  const std::lock_guard lock(mutex_);
  const auto from = reading(request);
  if (!from) return std::unexpected(from.error());
  std::vector<v1::BatchGetDocumentsResponse> responses;
  if (!from->started.empty()) responses.emplace_back().set_transaction(from->started);
  const std::set<std::string> names(request.documents().begin(), request.documents().end());
  counts_.reads += static_cast<std::int64_t>(names.size());
  for (const std::string& name : names) {
    auto& response = responses.emplace_back();
    *response.mutable_read_time() = timestamp_of(from->at);
    if (from->transaction) from->transaction->documents.insert(name);
    if (const Document found = documents_.find(name, from->at)) {
      *response.mutable_found() = masked(*found, request.has_mask(), request.mask());
    } else {
      response.set_missing(name);
    }
  }
  return responses;
}

Result<std::vector<v1::RunQueryResponse>> Database::query(const v1::RunQueryRequest& request) {
  const auto query = Query::make(request.parent(), request.structured_query());
  if (!query) return std::unexpected(query.error());
  const std::lock_guard lock(mutex_);
  const auto from = reading(request);
  if (!from) return std::unexpected(from.error());
  std::vector<v1::RunQueryResponse> responses;
  if (!from->started.empty()) responses.emplace_back().set_transaction(from->started);
  const auto found = run(*from, *query);
  count_query(found.size(), query->offset());
  const std::size_t first = responses.size();
  for (const Document& document : found)
    *responses.emplace_back().mutable_document() = query->shown(*document);
  if (found.empty()) responses.emplace_back();
  for (auto& response : std::span(responses).subspan(first))
    *response.mutable_read_time() = timestamp_of(from->at);
  responses[first].set_skipped_results(query->offset());
  responses.back().set_done(true);
  return responses;
}

Result<v1::RunAggregationQueryResponse> Database::aggregate(
    const v1::RunAggregationQueryRequest& request) {
  const auto& wanted = request.structured_aggregation_query();
  const auto query = Query::make(request.parent(), wanted.structured_query());
  if (!query) return std::unexpected(query.error());
  const std::lock_guard lock(mutex_);
  const auto from = reading(request);
  if (!from) return std::unexpected(from.error());
  const auto found = run(*from, *query);
  auto result = fake_firestore::aggregate(wanted, found);
  if (!result) return std::unexpected(result.error());
  count_query((found.size() + aggregated_per_read - 1) / aggregated_per_read, 0);
  v1::RunAggregationQueryResponse response;
  *response.mutable_result() = *std::move(result);
  *response.mutable_read_time() = timestamp_of(from->at);
  response.set_transaction(from->started);
  return response;
}

/// By name; the page token is the last name. Documents that are only there as parents are not
/// listed.
Result<v1::ListDocumentsResponse> Database::list(const v1::ListDocumentsRequest& request) {
  const auto query = Query::make(request.parent(), all_of(request.collection_id()));
  if (!query) return std::unexpected(query.error());
  if (!request.order_by().empty())
    return std::unexpected(Failure{Code::unimplemented, "ListDocuments orders by name alone"});
  const std::lock_guard lock(mutex_);
  const auto from = reading(request);
  if (!from) return std::unexpected(from.error());
  const auto found = run(*from, *query);
  v1::ListDocumentsResponse response;
  for (const Document& document : found) {
    if (document->name() <= request.page_token()) continue;
    if (static_cast<std::size_t>(response.documents_size()) == page_of(request.page_size())) {
      response.set_next_page_token(response.documents().rbegin()->name());
      break;
    }
    *response.add_documents() = masked(*document, request.has_mask(), request.mask());
  }
  count_query(static_cast<std::size_t>(response.documents_size()), 0);
  return response;
}

Result<v1::ListCollectionIdsResponse> Database::collections(
    const v1::ListCollectionIdsRequest& request) {
  const std::lock_guard lock(mutex_);
  const Micros at = request.has_read_time() ? micros_of(request.read_time()) : documents_.tick();
  std::set<std::string, std::less<>> ids;
  for (const Document& document : documents_.starting_with(request.parent() + '/', at)) {
    const std::string_view rest = below(request.parent(), document->name());
    ids.emplace(rest.substr(0, rest.find('/')));
  }
  count_query(ids.size(), 0);
  v1::ListCollectionIdsResponse response;
  for (auto next = ids.upper_bound(request.page_token()); next != ids.end(); ++next) {
    if (static_cast<std::size_t>(response.collection_ids_size()) == page_of(request.page_size())) {
      response.set_next_page_token(*response.collection_ids().rbegin());
      break;
    }
    response.add_collection_ids(*next);
  }
  return response;
}

}  // namespace fake_firestore
