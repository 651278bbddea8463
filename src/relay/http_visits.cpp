#include "relay/http_visits.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <iterator>

#include "relay/extension/http_refusal.h"
#include "relay/stored_query.h"
#include "relay/worker.h"

namespace relay {
namespace {

// One call reads no more pages of the store than that, unless it has not come to another step of an empty page yet.
constexpr int max_slices = 16;

// An empty page ends where something hidden is: its very second would tell when that was written. In such steps it tells only
// that there is much. Longer ones would have a call read on for too long.
constexpr base::UnixSeconds empty_page_step_s = 600;

base::UnixSeconds step_of(const store::Position& at) {
  return at.created_at - at.created_at % empty_page_step_s;
}

/// The place before everything of that second.
ReadPosition begin_of(base::UnixSeconds second) {
  ReadPosition begin{.created_at = second};
  begin.id.bytes.fill(0xff);
  return begin;
}

store::Position place(const ReadPosition& at) { return {.created_at = at.created_at, .id = at.id}; }

constexpr std::string_view came_too_early =
    "error: the relay reads its store anew; try again in a moment";

nostr::ViewerPtr viewer_of(const nostr::PublicKey& key) {
  const auto viewer = std::make_shared<nostr::Viewer>();
  viewer->keys.push_back(key);
  return viewer;
}

class Visit final : public HttpVisit {
 public:
  Visit(const Visits::Parts& parts, const nostr::PublicKey& key, const base::IpAddress& peer)
      : parts_(parts), viewer_(viewer_of(key)), peer_(peer), losses_(parts.horizon.losses()) {}
  ~Visit() override { parts_.admission.on_leave(key()); }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

  [[nodiscard]] const nostr::PublicKey& key() const override { return viewer_->keys.front(); }
  [[nodiscard]] const nostr::Viewer& viewer() const { return *viewer_; }

  boost::asio::awaitable<std::expected<ReadPage, std::string>> read(ReadRequest request) override {
    const ReqContext context{request.filters, *viewer_, parts_.options.clock(), peer_};
    if (Verdict verdict = parts_.admission.check_req(context); verdict.denied())
      co_return std::unexpected(verdict.reason());
    if (Verdict verdict = co_await parts_.admission.authorize_req(context); verdict.denied())
      co_return std::unexpected(verdict.reason());
    co_return co_await read_page(request);
  }

  Verdict may_write(nostr::Kind kind) override {
    if (outlived()) return Verdict::deny(std::string(came_too_early));
    const ClientContext client{*viewer_, peer_, parts_.options.clock()};
    if (const auto reason = parts_.admission.check_connection(client); !reason.empty())
      return Verdict::deny(std::string(reason));
    return parts_.admission.check_write({kind, key(), *viewer_});
  }

 private:
  /// What the worker knew when it let this one in does not hold any more.
  [[nodiscard]] bool outlived() const { return parts_.horizon.losses() != losses_; }

  /// Ends with the first slice that has something: what is shown was decided after the last wait.
  boost::asio::awaitable<std::expected<ReadPage, std::string>> read_page(ReadRequest& request) {
    for (nostr::Filter& filter : request.filters) filter.limit.reset();
    const std::uint64_t most = request.max_events + 1;
    StoredQuery query(parts_.visibility, request.filters, {.by_default = most, .at_most = most});
    query.read_upwards(request.after ? std::optional(place(*request.after)) : std::nullopt);
    for (int slices = 1; !query.done(); ++slices) {
      const auto slice = co_await query.next_slice(viewer_, parts_.options.clock());
      if (!slice)
        co_return std::unexpected("error: stored events could not be read; try again later");
      if (outlived()) co_return std::unexpected(std::string(came_too_early));
      // A page behind which a cursor goes on must not lack what is only not known yet.
      if (query.held_back())
        co_return std::unexpected("error: not everything could be decided; try again in a moment");
      if (!slice->empty()) co_return page_of(*slice, query, request.max_events);
      const auto reached = query.reached();
      const bool moved =
          reached && (!request.after || step_of(*reached) > request.after->created_at);
      if (slices >= max_slices && moved && !query.done())
        co_return ReadPage{.events = {}, .next = begin_of(step_of(*reached))};
      // Others get their turn.
      co_await boost::asio::post(co_await boost::asio::this_coro::executor,
                                 boost::asio::use_awaitable);
    }
    co_return ReadPage{};
  }

  static ReadPage page_of(const std::vector<VisibleEvent>& slice, const StoredQuery& query,
                          std::size_t max_events) {
    ReadPage page;
    const auto count = std::min(slice.size(), max_events);
    std::ranges::transform(slice.begin(), slice.begin() + static_cast<std::ptrdiff_t>(count),
                           std::back_inserter(page.events), &VisibleEvent::event);
    const nostr::Event& last = *page.events.back();
    if (count < slice.size() || !query.done()) page.next = ReadPosition{last.created_at, last.id};
    return page;
  }

  const Visits::Parts& parts_;
  const nostr::ViewerPtr viewer_;
  const base::IpAddress peer_;
  const std::uint64_t losses_;
};

}  // namespace

base::UnixSeconds Visits::now() const { return parts_.options.clock(); }

boost::asio::awaitable<std::expected<std::unique_ptr<HttpVisit>, HttpResponse>> Visits::admit(
    const HttpRequest& request, const Charge& charge) {
  if (!parts_.options.offer_auth)
    co_return std::unexpected(http_error(
        403, "restricted", "authentication is switched off on this relay ([auth] enabled)"));
  Admission& admission = parts_.admission;
  const nostr::Viewer nobody;
  const ClientContext stranger{nobody, request.peer, now()};
  if (const auto reason = admission.check_connection(stranger); !reason.empty())
    co_return std::unexpected(http_refusal(reason));
  if (const Verdict verdict = admission.check_auth(stranger); verdict.denied())
    co_return std::unexpected(http_refusal(verdict.reason()));
  const auto key = parts_.auth.authenticate(request);
  if (!key) co_return std::unexpected(key.error());
  if (auto refusal = charge(*key)) co_return std::unexpected(*std::move(refusal));
  if (const Verdict verdict = co_await admission.on_auth(*key); verdict.denied())
    co_return std::unexpected(http_refusal(verdict.reason()));
  auto visit = std::make_unique<Visit>(parts_, *key, request.peer);
  const ClientContext client{visit->viewer(), request.peer, now()};
  if (const auto reason = admission.check_connection(client); !reason.empty())
    co_return std::unexpected(http_refusal(reason));
  co_return visit;
}

}  // namespace relay
