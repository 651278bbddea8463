#pragma once
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <span>
#include <vector>

#include "relay/extension/extension.h"

namespace relay {

using Extensions = std::vector<std::shared_ptr<const Extension>>;

/// The extensions of one worker, by phase: asks those that take part and no others. Any deny wins; an exception is a
/// deny. Confined to its worker's thread.
class Admission {
 public:
  Admission(const Extensions& extensions, WorkerServices services);
  Admission(const Admission&) = delete;  // lent to the extensions
  Admission& operator=(const Admission&) = delete;

  /// Lets every extension load what it must know; false when one cannot.
  [[nodiscard]] boost::asio::awaitable<bool> start();

  void stop();
  void on_reload();
  [[nodiscard]] std::vector<HttpRoute> routes(const HttpServices& services);

  /// Why this connection may not be; "" if it may. Static text.
  [[nodiscard]] std::string_view check_connection(const ClientContext& context);
  [[nodiscard]] Verdict check_auth(const ClientContext& context);
  /// All must pass; when one denies, those that had passed are told on_leave().
  [[nodiscard]] boost::asio::awaitable<Verdict> on_auth(nostr::PublicKey key);
  void on_leave(const nostr::PublicKey& key);

  [[nodiscard]] Verdict check_event(const EventContext& context);
  [[nodiscard]] Verdict check_write(const WriteContext& context);
  /// False: authorize_event() would pass without looking.
  [[nodiscard]] bool authorizes(const nostr::Event& event) const;
  [[nodiscard]] boost::asio::awaitable<Verdict> authorize_event(EventContext context);

  [[nodiscard]] Verdict check_req(const ReqContext& context);
  [[nodiscard]] boost::asio::awaitable<Verdict> authorize_req(ReqContext context);

  /// What each extension sets aside for this REQ. The first error ends it.
  [[nodiscard]] boost::asio::awaitable<std::expected<std::vector<store::StoredEvent>, std::string>>
  hand_out(ReqContext context);
  [[nodiscard]] bool may_give(const nostr::PublicKey& owner) const;

  void on_commit(const store::CommitBatch& batch);

  [[nodiscard]] bool undecided(const store::StoredEvent& event, const nostr::Viewer& viewer) const;
  [[nodiscard]] boost::asio::awaitable<void> prepare(std::vector<store::StoredEvent> events,
                                                     nostr::ViewerPtr viewer);

  /// The one read decision. Asked by Visibility alone, through which every road leads.
  [[nodiscard]] bool may_read(const store::StoredEvent& event, const nostr::Viewer& viewer,
                              const nostr::Filter& filter) const;
  /// May the commit of the last on_commit() have made may_read() say no where it said yes?
  [[nodiscard]] bool narrows(const nostr::Viewer& viewer, const nostr::Filter& filter) const;

  /// What the extension that searches found. REQUIRES: check_req() passed a filter that searches.
  [[nodiscard]] boost::asio::awaitable<std::expected<Found, store::StoreError>> find(
      const nostr::Filter& filter);

  /// Tells those that observe.
  template <typename Seen>
  void tell(const Seen& seen) const {
    for (Observer* observer : observers_) observer->on(seen);
  }
  /// To be given to took(); reads no clock when nobody observes.
  [[nodiscard]] std::chrono::steady_clock::time_point time() const {
    return observers_.empty() ? std::chrono::steady_clock::time_point{}
                              : std::chrono::steady_clock::now();
  }
  [[nodiscard]] std::chrono::nanoseconds took(std::chrono::steady_clock::time_point since) const {
    return time() - since;
  }
  [[nodiscard]] bool observed() const { return !observers_.empty(); }

 private:
  std::vector<std::unique_ptr<WorkerExtension>> all_;
  std::vector<WorkerExtension*> on_auth_, check_event_, authorize_event_, on_commit_, check_req_,
      authorize_req_, hand_out_, prepare_, may_read_, check_connection_, check_auth_, find_,
      may_give_, check_write_;
  std::vector<Observer*> observers_;
};

}  // namespace relay
