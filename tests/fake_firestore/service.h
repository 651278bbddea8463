#pragma once
#include <functional>
#include <string_view>
#include <vector>

#include "fake_firestore/database.h"
#include "fake_firestore/faults.h"
#include "fake_firestore/listen_streams.h"
#include "google/firestore/v1/firestore.grpc.pb.h"

namespace fake_firestore {

/// The protocol over gRPC: every call meets its faults before and after what the database does.
/// Methods that are not here are answered UNIMPLEMENTED. Thread-safe.
class Service final : public v1::Firestore::WithCallbackMethod_Listen<v1::Firestore::Service> {
 public:
  using Context = grpc::ServerContext;
  template <class Response>
  using Writer = grpc::ServerWriter<Response>;

  /// All outlive this.
  Service(Database& database, Faults& faults, ListenStreams& streams)
      : database_(database), faults_(faults), streams_(streams) {}

  grpc::Status GetDocument(Context* context, const v1::GetDocumentRequest* request,
                           v1::Document* response) override;
  grpc::Status ListDocuments(Context* context, const v1::ListDocumentsRequest* request,
                             v1::ListDocumentsResponse* response) override;
  grpc::Status CreateDocument(Context* context, const v1::CreateDocumentRequest* request,
                              v1::Document* response) override;
  grpc::Status UpdateDocument(Context* context, const v1::UpdateDocumentRequest* request,
                              v1::Document* response) override;
  grpc::Status DeleteDocument(Context* context, const v1::DeleteDocumentRequest* request,
                              google::protobuf::Empty* response) override;
  grpc::Status BatchGetDocuments(Context* context, const v1::BatchGetDocumentsRequest* request,
                                 Writer<v1::BatchGetDocumentsResponse>* writer) override;
  grpc::Status BeginTransaction(Context* context, const v1::BeginTransactionRequest* request,
                                v1::BeginTransactionResponse* response) override;
  grpc::Status Commit(Context* context, const v1::CommitRequest* request,
                      v1::CommitResponse* response) override;
  grpc::Status Rollback(Context* context, const v1::RollbackRequest* request,
                        google::protobuf::Empty* response) override;
  grpc::Status RunQuery(Context* context, const v1::RunQueryRequest* request,
                        Writer<v1::RunQueryResponse>* writer) override;
  grpc::Status RunAggregationQuery(Context* context, const v1::RunAggregationQueryRequest* request,
                                   Writer<v1::RunAggregationQueryResponse>* writer) override;
  grpc::Status ListCollectionIds(Context* context, const v1::ListCollectionIdsRequest* request,
                                 v1::ListCollectionIdsResponse* response) override;
  grpc::Status BatchWrite(Context* context, const v1::BatchWriteRequest* request,
                          v1::BatchWriteResponse* response) override;
  Reactor* Listen(grpc::CallbackServerContext* context) override;

 private:
  struct Call {
    Context* context;
    std::string_view method;
    const google::protobuf::Message& request;
  };

  [[nodiscard]] std::optional<Failure> meet(const Call& call, When when);
  /// What stands before every call.
  [[nodiscard]] std::optional<Failure> begin(const Call& call);
  /// A call that does `work` and answers with what it returns.
  template <class Work, class Response>
  grpc::Status answer(const Call& call, Work work, Response* response);
  template <class Work, class Response>
  grpc::Status answer_each(const Call& call, Work work, Writer<Response>* writer);
  /// The same, and streams learn of it.
  template <class Work, class Response>
  grpc::Status change(const Call& call, Work work, Response* response);
  void wake_streams();

  Database& database_;
  Faults& faults_;
  ListenStreams& streams_;
};

}  // namespace fake_firestore
