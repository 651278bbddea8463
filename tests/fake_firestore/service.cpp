#include "fake_firestore/service.h"

#include <fmt/format.h>

#include <random>
#include <utility>

namespace fake_firestore {

namespace {

constexpr std::size_t max_request_bytes = 10 << 20;

grpc::Status status_of(const Failure& failure) {
  return {static_cast<grpc::StatusCode>(failure.code), failure.message};
}

/// 20 characters, as Firestore's own.
std::string random_id() {
  constexpr std::string_view characters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  thread_local std::mt19937_64 random{std::random_device{}()};
  std::uniform_int_distribution<std::size_t> any(0, characters.size() - 1);
  std::string id(20, ' ');
  for (char& c : id) c = characters[any(random)];
  return id;
}

v1::Write creation(const v1::CreateDocumentRequest& request) {
  v1::Write write;
  *write.mutable_update() = request.document();
  const std::string id = request.document_id().empty() ? random_id() : request.document_id();
  write.mutable_update()->set_name(
      fmt::format("{}/{}/{}", request.parent(), request.collection_id(), id));
  write.mutable_current_document()->set_exists(false);
  return write;
}

v1::Write update(const v1::UpdateDocumentRequest& request) {
  v1::Write write;
  *write.mutable_update() = request.document();
  if (request.has_update_mask()) *write.mutable_update_mask() = request.update_mask();
  if (request.has_current_document())
    *write.mutable_current_document() = request.current_document();
  return write;
}

v1::Write deletion(const v1::DeleteDocumentRequest& request) {
  v1::Write write;
  write.set_delete_(request.name());
  if (request.has_current_document())
    *write.mutable_current_document() = request.current_document();
  return write;
}

}  // namespace

std::optional<Failure> Service::meet(const Call& call, When when) {
  return faults_.meet(call.method, when, [&] { return call.context->IsCancelled(); });
}

std::optional<Failure> Service::begin(const Call& call) {
  faults_.count_call(call.method);
  if (call.request.ByteSizeLong() > max_request_bytes)
    return Failure{Code::invalid_argument, "the request exceeds the maximum size of 10 MiB"};
  return meet(call, When::before);
}

template <class Work, class Response>
grpc::Status Service::answer(const Call& call, Work work, Response* response) {
  if (const auto failure = begin(call)) return status_of(*failure);
  auto result = work();
  if (const auto failure = meet(call, When::after)) return status_of(*failure);
  if (!result) return status_of(result.error());
  *response = *std::move(result);
  return grpc::Status::OK;
}

template <class Work, class Response>
grpc::Status Service::answer_each(const Call& call, Work work, Writer<Response>* writer) {
  std::vector<Response> responses;
  const grpc::Status status = answer(call, std::move(work), &responses);
  if (!status.ok()) return status;
  for (const Response& response : responses)
    if (!writer->Write(response)) return grpc::Status::CANCELLED;
  return grpc::Status::OK;
}

template <class Work, class Response>
grpc::Status Service::change(const Call& call, Work work, Response* response) {
  const auto work_and_wake = [&] {
    auto result = work();
    wake_streams();
    return result;
  };
  return answer(call, work_and_wake, response);
}

void Service::wake_streams() {
  for (const auto& stream : streams_.all()) stream->wake();
}

grpc::Status Service::GetDocument(Context* context, const v1::GetDocumentRequest* request,
                                  v1::Document* response) {
  const auto work = [&] { return database_.get(*request); };
  return answer({context, "GetDocument", *request}, work, response);
}

grpc::Status Service::ListDocuments(Context* context, const v1::ListDocumentsRequest* request,
                                    v1::ListDocumentsResponse* response) {
  const auto work = [&] { return database_.list(*request); };
  return answer({context, "ListDocuments", *request}, work, response);
}

grpc::Status Service::CreateDocument(Context* context, const v1::CreateDocumentRequest* request,
                                     v1::Document* response) {
  const auto work = [&] { return database_.write(creation(*request)); };
  return change({context, "CreateDocument", *request}, work, response);
}

grpc::Status Service::UpdateDocument(Context* context, const v1::UpdateDocumentRequest* request,
                                     v1::Document* response) {
  const auto work = [&] { return database_.write(update(*request)); };
  return change({context, "UpdateDocument", *request}, work, response);
}

grpc::Status Service::DeleteDocument(Context* context, const v1::DeleteDocumentRequest* request,
                                     google::protobuf::Empty* response) {
  const auto work = [&]() -> Result<google::protobuf::Empty> {
    if (auto done = database_.write(deletion(*request)); !done)
      return std::unexpected(done.error());
    return google::protobuf::Empty();
  };
  return change({context, "DeleteDocument", *request}, work, response);
}

grpc::Status Service::BatchGetDocuments(Context* context,
                                        const v1::BatchGetDocumentsRequest* request,
                                        Writer<v1::BatchGetDocumentsResponse>* writer) {
  const auto work = [&] { return database_.batch_get(*request); };
  return answer_each({context, "BatchGetDocuments", *request}, work, writer);
}

grpc::Status Service::BeginTransaction(Context* context, const v1::BeginTransactionRequest* request,
                                       v1::BeginTransactionResponse* response) {
  const auto work = [&] { return database_.begin(*request); };
  return answer({context, "BeginTransaction", *request}, work, response);
}

grpc::Status Service::Commit(Context* context, const v1::CommitRequest* request,
                             v1::CommitResponse* response) {
  const auto work = [&] { return database_.commit(*request); };
  return change({context, "Commit", *request}, work, response);
}

grpc::Status Service::Rollback(Context* context, const v1::RollbackRequest* request,
                               google::protobuf::Empty* response) {
  const auto work = [&] { return database_.rollback(*request); };
  return answer({context, "Rollback", *request}, work, response);
}

grpc::Status Service::RunQuery(Context* context, const v1::RunQueryRequest* request,
                               Writer<v1::RunQueryResponse>* writer) {
  const auto work = [&] { return database_.query(*request); };
  return answer_each({context, "RunQuery", *request}, work, writer);
}

grpc::Status Service::RunAggregationQuery(Context* context,
                                          const v1::RunAggregationQueryRequest* request,
                                          Writer<v1::RunAggregationQueryResponse>* writer) {
  const auto work = [&]() -> Result<std::vector<v1::RunAggregationQueryResponse>> {
    auto response = database_.aggregate(*request);
    if (!response) return std::unexpected(response.error());
    return std::vector{*std::move(response)};
  };
  return answer_each({context, "RunAggregationQuery", *request}, work, writer);
}

grpc::Status Service::ListCollectionIds(Context* context,
                                        const v1::ListCollectionIdsRequest* request,
                                        v1::ListCollectionIdsResponse* response) {
  const auto work = [&] { return database_.collections(*request); };
  return answer({context, "ListCollectionIds", *request}, work, response);
}

grpc::Status Service::BatchWrite(Context* context, const v1::BatchWriteRequest* request,
                                 v1::BatchWriteResponse* response) {
  const Call call{context, "BatchWrite", *request};
  const Call each{context, "BatchWrite.write", *request};
  const auto fault = [&](bool after) { return meet(each, after ? When::after : When::before); };
  const auto work = [&] { return database_.batch_write(*request, fault); };
  return change(call, work, response);
}

Reactor* Service::Listen(grpc::CallbackServerContext* /*context*/) {
  faults_.count_call("Listen");
  const auto stream = streams_.open(database_);
  // Nothing waits here: gRPC's own threads call.
  const auto failure = faults_.meet("Listen", When::before, [] { return true; });
  if (failure) stream->end(status_of(*failure));
  return stream.get();
}

}  // namespace fake_firestore
