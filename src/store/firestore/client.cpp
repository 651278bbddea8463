#include "store/firestore/client.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "store/firestore/call.h"
#include "store/firestore/channels.h"
#include "store/firestore/retry.h"

namespace store::firestore {
namespace {

namespace asio = boost::asio;
using Shared = std::shared_ptr<Channels>;

template <class T>
using Answer = asio::awaitable<std::expected<T, Failure>>;

/// By the clock that is never set.
gpr_timespec timespec_of(Deadline deadline) {
  const auto left = std::chrono::nanoseconds(deadline - std::chrono::steady_clock::now());
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                      gpr_time_from_nanos(left.count(), GPR_TIMESPAN));
}

std::unexpected<Failure> unsent(grpc::StatusCode code, const char* why) {
  return std::unexpected(Failure{.code = code, .message = why, .sent = false});
}

/// Sends and waits for the end; what came is in the call, even if it failed.
template <class Called, class Start>
Answer<void> send(Shared channels, std::shared_ptr<Called> call, Deadline deadline, Start start) {
  if (std::chrono::steady_clock::now() >= deadline)
    co_return unsent(grpc::StatusCode::DEADLINE_EXCEEDED, "no time was left");
  if (channels->under_way()->is_closed())
    co_return unsent(grpc::StatusCode::CANCELLED, "the store is closed");
  call->context.set_deadline(timespec_of(deadline));
  channels->prepare(call->context);
  const grpc::Status status = co_await ended(call, channels->under_way(), start);
  if (!status.ok()) co_return std::unexpected(failure_of(status));
  co_return std::expected<void, Failure>();
}

Billed bill_of(const v1::CommitRequest& request) {
  Billed billed;
  for (const v1::Write& write : request.writes())
    ++(write.has_delete_() ? billed.deletes : billed.writes);
  return billed;
}

Answer<void> commit_once(Shared channels, v1::CommitRequest request, Deadline deadline) {
  const auto [stub, down] = channels->next();
  if (down) co_return unsent(grpc::StatusCode::UNAVAILABLE, "no connection to Firestore");
  const auto call = std::make_shared<UnaryCall<v1::CommitRequest, v1::CommitResponse>>();
  call->request = std::move(request);
  call->request.set_database(channels->database());
  auto start = [stub](auto& begun) {
    stub->async()->Commit(&begun.context, &begun.request, &begun.response, &begun);
    begun.StartCall();
  };
  auto done = co_await send(channels, call, deadline, start);
  if (done) channels->bill(bill_of(call->request));
  co_return done;
}

void start(Channels::Stub& stub,
           StreamedCall<v1::BatchGetDocumentsRequest, v1::BatchGetDocumentsResponse>& call) {
  stub.async()->BatchGetDocuments(&call.context, &call.request, &call);
  call.start();
}

void start(Channels::Stub& stub, StreamedCall<v1::RunQueryRequest, v1::RunQueryResponse>& call) {
  stub.async()->RunQuery(&call.context, &call.request, &call);
  call.start();
}

void start(Channels::Stub& stub,
           StreamedCall<v1::RunAggregationQueryRequest, v1::RunAggregationQueryResponse>& call) {
  stub.async()->RunAggregationQuery(&call.context, &call.request, &call);
  call.start();
}

std::uint64_t counted_in(const std::vector<v1::RunAggregationQueryResponse>& responses) {
  std::uint64_t counted = 0;
  for (const auto& response : responses) {
    for (const auto& [name, value] : response.result().aggregate_fields())
      counted += static_cast<std::uint64_t>(value.integer_value());
  }
  return counted;
}

std::uint64_t reads_of(const std::vector<v1::BatchGetDocumentsResponse>& responses) {
  return responses.size();
}

/// An empty result costs one.
std::uint64_t reads_of(const std::vector<v1::RunQueryResponse>& responses) {
  std::uint64_t reads = 0;
  for (const auto& response : responses)
    reads +=
        (response.has_document() ? 1u : 0u) + static_cast<unsigned>(response.skipped_results());
  return responses.empty() ? 0 : std::max<std::uint64_t>(reads, 1);
}

/// One for every 1000 index entries that were counted.
std::uint64_t reads_of(const std::vector<v1::RunAggregationQueryResponse>& responses) {
  return responses.empty() ? 0 : counted_in(responses) / 1000 + 1;
}

template <class Response, class Request>
Answer<std::vector<Response>> read_once(Shared channels, const Request& request,
                                        Deadline deadline) {
  const auto call = std::make_shared<StreamedCall<Request, Response>>();
  call->request = request;
  auto begin = [stub = channels->next().stub](auto& begun) { start(*stub, begun); };
  auto done = co_await send(channels, call, deadline, begin);
  channels->bill({.reads = reads_of(call->responses)});
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return std::move(call->responses);
}

/// False: the caller gave up.
asio::awaitable<bool> wait(std::chrono::milliseconds pause) {
  asio::steady_timer timer(co_await asio::this_coro::executor, pause);
  const auto [error] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return !error;
}

/// Whole answers only.
template <class Response, class Request>
Answer<std::vector<Response>> read(Shared channels, const Request& request, Deadline deadline) {
  Retry retry(deadline);
  for (;;) {
    auto got = co_await read_once<Response>(channels, request, deadline);
    if (got) co_return got;
    const auto pause = retry.pause_after(got.error());
    const auto state = co_await asio::this_coro::cancellation_state;
    if (!pause || state.cancelled() != asio::cancellation_type::none) co_return got;
    if (!co_await wait(*pause)) co_return got;
  }
}

template <class Request>
void set_time(Request& request, const std::optional<Timestamp>& at) {
  if (at) *request.mutable_read_time() = *at;
}

Answer<BatchGot> get(Shared channels, std::vector<std::string> names, std::optional<Timestamp> at,
                     Deadline deadline) {
  BatchGot got;
  if (names.empty()) co_return got;
  v1::BatchGetDocumentsRequest request;
  request.set_database(channels->database());
  set_time(request, at);
  for (const std::string& name : names) request.add_documents(channels->name_of(name));
  auto responses = co_await read<v1::BatchGetDocumentsResponse>(channels, request, deadline);
  if (!responses) co_return std::unexpected(std::move(responses.error()));
  for (auto& response : *responses) {
    if (response.has_read_time()) got.read_time = response.read_time();
    if (!response.has_found()) continue;
    std::string name(channels->relative_of(response.found().name()));
    got.found.insert_or_assign(std::move(name), std::move(*response.mutable_found()));
  }
  co_return got;
}

Answer<QueryGot> find(Shared channels, v1::StructuredQuery query, std::optional<Timestamp> at,
                      Deadline deadline) {
  v1::RunQueryRequest request;
  request.set_parent(channels->root());
  *request.mutable_structured_query() = std::move(query);
  set_time(request, at);
  auto responses = co_await read<v1::RunQueryResponse>(channels, request, deadline);
  if (!responses) co_return std::unexpected(std::move(responses.error()));
  QueryGot got;
  for (auto& response : *responses) {
    if (response.has_read_time()) got.read_time = response.read_time();
    if (response.has_document()) got.documents.push_back(std::move(*response.mutable_document()));
  }
  co_return got;
}

Answer<std::uint64_t> count_found(Shared channels, v1::StructuredQuery query,
                                  std::optional<Timestamp> at, Deadline deadline) {
  v1::RunAggregationQueryRequest request;
  request.set_parent(channels->root());
  auto& aggregation = *request.mutable_structured_aggregation_query();
  *aggregation.mutable_structured_query() = std::move(query);
  auto& counting = *aggregation.add_aggregations();
  counting.set_alias("n");
  counting.mutable_count();
  set_time(request, at);
  auto responses = co_await read<v1::RunAggregationQueryResponse>(channels, request, deadline);
  if (!responses) co_return std::unexpected(std::move(responses.error()));
  co_return counted_in(*responses);
}

}  // namespace

Client::Client(ClientOptions options) : channels_(std::make_shared<Channels>(options)) {}

Client::~Client() { channels_->under_way()->close(); }

Answer<void> Client::commit(v1::CommitRequest request, Deadline deadline) const {
  return commit_once(channels_, std::move(request), deadline);
}

Answer<BatchGot> Client::batch_get(std::vector<std::string> names, std::optional<Timestamp> at,
                                   Deadline deadline) const {
  return get(channels_, std::move(names), std::move(at), deadline);
}

Answer<QueryGot> Client::run_query(v1::StructuredQuery query, std::optional<Timestamp> at,
                                   Deadline deadline) const {
  return find(channels_, std::move(query), std::move(at), deadline);
}

Answer<std::uint64_t> Client::count(v1::StructuredQuery query, std::optional<Timestamp> at,
                                    Deadline deadline) const {
  return count_found(channels_, std::move(query), std::move(at), deadline);
}

std::string Client::name_of(std::string_view relative) const {
  return channels_->name_of(relative);
}

std::string_view Client::relative_of(std::string_view name) const {
  return channels_->relative_of(name);
}

Billed Client::billed() const { return channels_->billed(); }

}  // namespace store::firestore
