#include "fake_firestore/fake_firestore.h"

#include <fmt/format.h>

#include <chrono>

#include "fake_firestore/service.h"

namespace fake_firestore {

namespace {

/// Above what a request may have, so that the service itself refuses it as Firestore does.
constexpr int max_message_bytes = 64 << 20;

}  // namespace

struct FakeFirestore::Parts {
  Faults faults{};
  Database database{};
  ListenStreams streams{};
  Service service{database, faults, streams};
  std::uint16_t port = 0;
  std::unique_ptr<grpc::Server> server{};
};

FakeFirestore::FakeFirestore() : parts_(std::make_unique<Parts>()) {}

FakeFirestore::~FakeFirestore() { stop(); }

bool FakeFirestore::start(std::uint16_t port) {
  int bound = 0;
  grpc::ServerBuilder builder;
  const auto wanted = port != 0 ? port : parts_->port;
  builder.AddListeningPort(fmt::format("127.0.0.1:{}", wanted), grpc::InsecureServerCredentials(),
                           &bound);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.SetMaxReceiveMessageSize(max_message_bytes);
  builder.RegisterService(&parts_->service);
  parts_->server = builder.BuildAndStart();
  if (!parts_->server || bound == 0) return false;
  parts_->port = static_cast<std::uint16_t>(bound);
  return true;
}

void FakeFirestore::stop() {
  if (!parts_->server) return;
  parts_->server->Shutdown(std::chrono::system_clock::now());
  parts_->server->Wait();
  parts_->server.reset();
}

std::uint16_t FakeFirestore::port() const { return parts_->port; }

std::string FakeFirestore::host() const { return fmt::format("127.0.0.1:{}", parts_->port); }

Faults& FakeFirestore::faults() { return parts_->faults; }

std::size_t FakeFirestore::streams() const { return parts_->streams.all().size(); }

void FakeFirestore::cut_streams(Code code) {
  for (const auto& stream : parts_->streams.all())
    stream->end({static_cast<grpc::StatusCode>(code), "a fault that was ordered"});
}

void FakeFirestore::reset_targets() {
  for (const auto& stream : parts_->streams.all()) stream->reset();
}

void FakeFirestore::forget_tokens() { parts_->database.forget_tokens(); }

void FakeFirestore::heartbeat() {
  for (const auto& stream : parts_->streams.all()) stream->heartbeat();
}

Counts FakeFirestore::counts() const { return parts_->database.counts(); }

void FakeFirestore::clear_counts() { parts_->database.clear_counts(); }

}  // namespace fake_firestore
