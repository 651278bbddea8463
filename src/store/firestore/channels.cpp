#include "store/firestore/channels.h"

#include <fmt/format.h>
#include <grpcpp/create_channel.h>

namespace store::firestore {
namespace {

constexpr const char* endpoint = "firestore.googleapis.com:443";
constexpr int max_message_bytes = 64 << 20;

// Milliseconds. gRPC's own go up to two minutes, for which a store would be away.
constexpr int first_reconnect = 100, most_reconnect = 2000, connect_timeout = 5000;
// An idle Listen stream would not notice a dead connection. Servers of the kind that emulators are
// close connections that ping more often than every five minutes; Google's do not.
constexpr int keepalive = 30'000, keepalive_timeout = 10'000;

grpc::ChannelArguments arguments(bool emulated) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(max_message_bytes);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection of its own
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, first_reconnect);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, most_reconnect);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, connect_timeout);
  if (!emulated) {
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, keepalive);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, keepalive_timeout);
    arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);  // as many as it takes
  }
  return arguments;
}

std::shared_ptr<grpc::Channel> channel_of(const ClientOptions& options) {
  const bool emulated = !options.emulator_host.empty();
  return grpc::CreateCustomChannel(
      emulated ? options.emulator_host : endpoint,
      emulated ? grpc::InsecureChannelCredentials() : options.credentials, arguments(emulated));
}

bool is_down(grpc::Channel& channel) {
  return channel.GetState(true) == GRPC_CHANNEL_TRANSIENT_FAILURE;
}

}  // namespace

Channels::Channels(const ClientOptions& options)
    : database_(fmt::format("projects/{}/databases/{}", options.project, options.database)),
      root_(database_ + "/documents"),
      emulated_(!options.emulator_host.empty()) {
  for (Owned& line : lines_) {
    line.channel = channel_of(options);
    line.stub = v1::Firestore::NewStub(line.channel);
  }
}

Channels::Line Channels::next() {
  const unsigned turn = turn_.fetch_add(1, std::memory_order_relaxed);
  Owned& first = lines_.at(turn % 2);
  if (!is_down(*first.channel)) return {first.stub.get(), false};
  Owned& second = lines_.at((turn + 1) % 2);
  return {second.stub.get(), is_down(*second.channel)};
}

void Channels::prepare(grpc::ClientContext& context) const {
  context.AddMetadata("google-cloud-resource-prefix", database_);
  if (emulated_) context.AddMetadata("authorization", "Bearer owner");  // past its security rules
}

std::string Channels::name_of(std::string_view relative) const {
  return fmt::format("{}/{}", root_, relative);
}

std::string_view Channels::relative_of(std::string_view name) const {
  if (!name.starts_with(root_) || name.size() <= root_.size() || name[root_.size()] != '/')
    return "";
  return name.substr(root_.size() + 1);
}

void Channels::bill(const Billed& more) {
  reads_ += more.reads;
  writes_ += more.writes;
  deletes_ += more.deletes;
}

Billed Channels::billed() const { return {reads_, writes_, deletes_}; }

}  // namespace store::firestore
