// What goes over the wire beside the requests.
#include <grpcpp/grpcpp.h>

#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <mutex>

#include "google/firestore/v1/firestore.grpc.pb.h"
#include "store/firestore/listener.h"
#include "unit/firestore/on_fake.h"

namespace {

using namespace test;
using Headers = std::map<std::string, std::string>;
using Listening = grpc::ServerReaderWriter<v1::ListenResponse, v1::ListenRequest>;

/// Keeps the headers of the last call, and answers queries with one large document.
class Service final : public v1::Firestore::Service {
 public:
  std::size_t bytes = 0;

  [[nodiscard]] Headers headers() {
    const std::lock_guard lock(mutex_);
    return headers_;
  }

 private:
  void keep(const grpc::ServerContext& context) {
    const std::lock_guard lock(mutex_);
    headers_.clear();
    for (const auto& [name, value] : context.client_metadata())
      headers_.emplace(std::string(name.data(), name.size()),
                       std::string(value.data(), value.size()));
  }
  grpc::Status Commit(grpc::ServerContext* context, const v1::CommitRequest*,
                      v1::CommitResponse*) override {
    keep(*context);
    return grpc::Status::OK;
  }
  grpc::Status RunQuery(grpc::ServerContext* context, const v1::RunQueryRequest*,
                        grpc::ServerWriter<v1::RunQueryResponse>* writer) override {
    keep(*context);
    v1::RunQueryResponse response;
    (*response.mutable_document()->mutable_fields())["j"].set_bytes_value(std::string(bytes, 'j'));
    writer->Write(response);
    return grpc::Status::OK;
  }
  grpc::Status Listen(grpc::ServerContext* context, Listening* stream) override {
    v1::ListenRequest request;
    stream->Read(&request);
    keep(*context);
    return grpc::Status::OK;
  }

  std::mutex mutex_;
  Headers headers_;
};

class FirestoreWire : public testing::Test {
 protected:
  std::unique_ptr<grpc::Server> serve() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service);
    return builder.BuildAndStart();
  }

  Service service;
  int port = 0;
  std::unique_ptr<grpc::Server> server = serve();
  Client client{{.project = "p", .emulator_host = "127.0.0.1:" + std::to_string(port)}};
};

TEST_F(FirestoreWire, EveryCallNamesTheDatabaseAndIsTheEmulatorsOwner) {
  const auto expect_headers = [this] {
    const Headers headers = service.headers();
    ASSERT_TRUE(headers.contains("google-cloud-resource-prefix"));
    EXPECT_EQ(headers.at("google-cloud-resource-prefix"), "projects/p/databases/(default)");
    EXPECT_EQ(headers.at("authorization"), "Bearer owner");
  };
  ASSERT_TRUE(await(client.commit({}, soon())));
  expect_headers();
  ASSERT_TRUE(await(client.run_query({}, std::nullopt, soon())));
  expect_headers();
  ASSERT_TRUE(await(client.commit({}, soon())));
}

TEST_F(FirestoreWire, AListenerSendsTheSameHeaders) {
  boost::asio::io_context loop;
  store::firestore::Listener listener(client, loop.get_executor());
  listener.start({.make_query = [] { return v1::StructuredQuery(); },
                  .on_document = [](const v1::Document&) {},
                  .on_state = [](bool) {}});
  EXPECT_TRUE(eventually([&] {
    loop.poll();
    return service.headers().contains("google-cloud-resource-prefix");
  }));
  EXPECT_EQ(service.headers().at("authorization"), "Bearer owner");
  listener.stop();
  loop.run();
}

TEST_F(FirestoreWire, ALargeAnswerIsTaken) {
  service.bytes = 60 << 20;
  const auto got = await(client.run_query({}, std::nullopt, soon()));
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->documents.at(0).fields().at("j").bytes_value().size(), service.bytes);
}

}  // namespace
