#include "relay/extension/extension.h"

namespace relay {

std::vector<HttpRoute> WorkerExtension::routes(const HttpServices&) { return {}; }
void WorkerExtension::stop() {}
void WorkerExtension::on_reload() {}
boost::asio::awaitable<bool> WorkerExtension::start() { co_return true; }
std::string_view WorkerExtension::check_connection(const ClientContext&) { return {}; }
Verdict WorkerExtension::check_auth(const ClientContext&) { return Verdict::pass(); }
boost::asio::awaitable<Verdict> WorkerExtension::on_auth(const nostr::PublicKey&) {
  co_return Verdict::pass();
}
void WorkerExtension::on_leave(const nostr::PublicKey&) {}
Verdict WorkerExtension::check_event(const EventContext&) { return Verdict::pass(); }
Verdict WorkerExtension::check_write(const WriteContext&) { return Verdict::pass(); }
bool WorkerExtension::may_give(const nostr::PublicKey&) const { return true; }
bool WorkerExtension::authorizes(const nostr::Event&) const { return true; }
boost::asio::awaitable<Verdict> WorkerExtension::authorize_event(EventContext) {
  co_return Verdict::pass();
}
Verdict WorkerExtension::check_req(const ReqContext&) { return Verdict::pass(); }
boost::asio::awaitable<Verdict> WorkerExtension::authorize_req(ReqContext) {
  co_return Verdict::pass();
}
boost::asio::awaitable<std::expected<std::vector<store::StoredEvent>, std::string>>
WorkerExtension::hand_out(ReqContext) {
  co_return std::vector<store::StoredEvent>{};
}
bool WorkerExtension::undecided(const store::StoredEvent&, const nostr::Viewer&) const {
  return false;
}
boost::asio::awaitable<void> WorkerExtension::prepare(std::vector<store::StoredEvent>,
                                                      nostr::ViewerPtr) {
  co_return;
}
void WorkerExtension::on_commit(const store::CommitBatch&) {}
boost::asio::awaitable<std::expected<Found, store::StoreError>> WorkerExtension::find(
    const nostr::Filter&) {
  co_return Found{.ids = {}, .complete = true};
}
bool WorkerExtension::may_read(const store::StoredEvent&, const nostr::Viewer&,
                               const nostr::Filter&) const {
  return true;
}
bool WorkerExtension::narrows(const nostr::Viewer&, const nostr::Filter&) const { return true; }
boost::asio::awaitable<Measures> Extension::measure(store::RowReader&) const {
  co_return Measures{};
}

}  // namespace relay
