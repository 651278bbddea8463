#include "store/firestore/listen_stream.h"

#include <utility>

namespace store::firestore {

std::shared_ptr<ListenStream> ListenStream::open(Channels& channels,
                                                 std::shared_ptr<UnderWay> under_way,
                                                 v1::StructuredQuery query) {
  auto stream = std::make_shared<ListenStream>();
  stream->request.set_database(channels.database());
  auto& wanted = *stream->request.mutable_add_target();
  wanted.set_target_id(target);
  wanted.mutable_query()->set_parent(channels.root());
  *wanted.mutable_query()->mutable_structured_query() = std::move(query);
  channels.prepare(stream->context);
  const auto nobody_waits = [](const grpc::Status&) {};
  if (!stream->begin(stream, std::move(under_way), nobody_waits)) return nullptr;
  channels.listening().async()->Listen(&stream->context, stream.get());
  stream->AddHold();  // reads begin outside of gRPC's callbacks
  stream->StartWrite(&stream->request);
  stream->StartCall();
  return stream;
}

boost::asio::awaitable<bool> ListenStream::next(std::shared_ptr<ListenStream> stream) {
  auto begin = [stream](Completion<bool> told) { stream->read(std::move(told)); };
  std::shared_ptr<grpc::ClientContext> context(stream, &stream->context);
  co_return co_await completed<bool>(std::move(context), std::move(begin));
}

void ListenStream::read(Completion<bool> told) {
  {
    const std::lock_guard lock(mutex_);
    if (!released_) {
      told_ = std::move(told);
      return StartRead(&response_);
    }
  }
  told(false);
}

void ListenStream::OnReadDone(bool ok) {
  Completion<bool> told;
  {
    const std::lock_guard lock(mutex_);
    told = std::exchange(told_, nullptr);
  }
  told(ok);
}

void ListenStream::release() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(released_, true)) return;
  }
  context.TryCancel();
  RemoveHold();
}

}  // namespace store::firestore
