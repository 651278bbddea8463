// Any sequence of publishing, deleting, handing out and expiring key packages: the pool holds what
// the store holds, and what was consumed never comes back.
#include "extensions/mls_gateway/key_package_pool.h"

#include <algorithm>
#include <set>

#include "extensions/mls_gateway/hand_out.h"
#include "extensions/mls_gateway/rows.h"
#include "gateway_store.h"
#include "unit/mls/vectors.h"

using namespace extensions::mls_gateway;

namespace {

constexpr int max_steps = 80;
constexpr std::int64_t max_packages = 3;
constexpr base::UnixSeconds ttl_s = 3000;

bool is_last_resort(const nostr::Event& event) {
  return event.content() == mls::vectors::suite_1_last_resort;
}

bool is_owned(const nostr::Event& event) {
  return event.kind == nostr::kind::key_package && event.tags.first("p");
}

class Pools {
 public:
  explicit Pools(FuzzedDataProvider& bytes) : bytes_(bytes), store_(config()) {}

  void step() {
    store_.now += bytes_.PickValueInArray({0, 0, 0, 1, 100, 1000});
    switch (bytes_.ConsumeIntegralInRange(0, 9)) {
      case 0:
        publish(deletion());
        break;
      case 1:
        store_.purge();
        break;
      case 2:
      case 3:
      case 4:
        hand_out();
        break;
      case 5:
        if (!packages_.empty()) publish(pick_package());
        break;
      case 6:
        if (bytes_.ConsumeProbability<float>() < 0.2F) publish(vanish());
        break;
      default:
        publish(packages_.emplace_back(package()));
    }
    check_pools();
  }

 private:
  static Config config() {
    Config config;
    config.max_keypackages_per_user = max_packages;
    config.keypackage_ttl = ttl_s;
    config.keypackage_delivery = "single_use";
    return config;
  }

  std::shared_ptr<nostr::Event> event(nostr::Kind kind) {
    auto event = std::make_shared<nostr::Event>();
    event->id = fuzzed::bytes32(++last_id_);
    event->pubkey = fuzzed::bytes32(bytes_.ConsumeIntegralInRange<std::uint64_t>(1, 2));
    event->created_at = store_.now;
    event->kind = kind;
    return event;
  }

  nostr::EventPtr package() {
    const bool addressable = bytes_.ConsumeProbability<float>() < 0.2F;
    auto made =
        event(addressable ? nostr::kind::addressable_key_package : nostr::kind::key_package);
    if (addressable)
      fuzzed::add_tag(*made, "d", bytes_.PickValueInArray({"", "phone", "desk"}));
    else if (bytes_.ConsumeProbability<float>() < 0.8F)
      fuzzed::add_tag(*made, "p", base::to_hex(made->pubkey));
    if (bytes_.ConsumeBool())
      fuzzed::add_tag(*made, "kpr", bytes_.PickValueInArray({"r1", "r2", "r3", "r4"}));
    if (bytes_.ConsumeBool())
      fuzzed::add_tag(*made, "exp",
                      std::to_string(store_.now + bytes_.PickValueInArray({1, 500, 9000})));
    const bool last_resort = bytes_.ConsumeProbability<float>() < 0.2F;
    fuzzed::set_content(*made,
                        last_resort ? mls::vectors::suite_1_last_resort : std::string_view("00"));
    return made;
  }

  nostr::EventPtr pick_package() {
    return packages_[bytes_.ConsumeIntegralInRange<std::size_t>(0, packages_.size() - 1)];
  }

  nostr::EventPtr deletion() {
    auto made = event(nostr::kind::deletion);
    if (!packages_.empty()) fuzzed::add_tag(*made, "e", base::to_hex(pick_package()->id));
    return made;
  }

  nostr::EventPtr vanish() { return event(nostr::kind::vanish); }

  /// By its author, who proves its key.
  void publish(const nostr::EventPtr& event) {
    const auto viewer =
        std::make_shared<const nostr::Viewer>(nostr::Viewer{.keys = {event->pubkey}});
    const auto published = store_.publish(event, viewer);
    const bool accepted =
        published.well_formed && published.result.outcome == store::Outcome::accepted;
    check(!accepted || !is_barred(event->id), "a consumed package is not taken again");
    const auto reference = event->tags.first("kpr");
    if (accepted && is_owned(*event) && reference)
      check(!is_barred_reference(*reference), "a consumed reference is not taken again");
  }

  void hand_out() {
    const nostr::PublicKey requester = fuzzed::bytes32(bytes_.ConsumeIntegralInRange(7U, 8U));
    std::vector<nostr::PublicKey> owners{fuzzed::bytes32(1)};
    if (bytes_.ConsumeBool()) owners.push_back(fuzzed::bytes32(2));
    const auto given = store_.perform(HandOut(requester, owners));
    if (!given)
      return check(given.error().reason.starts_with("rate-limited: "), "only budgets refuse");
    check(given->size() <= owners.size(), "one package of each owner");
    const auto rows = store_.rows();
    for (const store::StoredEvent& stored : *given) check_given(requester, stored, rows);
  }

  void check_given(const nostr::PublicKey& requester, const store::StoredEvent& stored,
                   const fuzzed::Rows& rows) {
    const nostr::Event& event = *stored.event;
    check(is_owned(event), "packages without an owner are not handed out");
    check(!stored.expires_at || *stored.expires_at > store_.now, "what is handed out lives");
    check(!is_barred(event.id), "nobody is given a consumed package");
    auto& times = given_[{requester, event.pubkey}];
    std::erase_if(times, [&](auto time) { return time <= store_.now - 3600; });
    times.push_back(store_.now);
    check(times.size() <= max_hand_outs_per_hour, "hand-outs are counted");
    if (!rows.contains(consumed_key(event.id))) return;
    check(!is_last_resort(event), "a package of last resort is not consumed");
    const Pool pool = pool_of(event.pubkey, rows);
    check(std::ranges::any_of(pool,
                              [&](const PooledPackage& package) {
                                return package.live(store_.now) &&
                                       package.kind == PooledPackage::owned;
                              }),
          "the last package is not consumed");
    barred_[event.id] = stored.expires_at.value_or(0);
    if (const auto reference = event.tags.first("kpr"))
      barred_references_[std::string(*reference)] = stored.expires_at.value_or(0);
  }

  [[nodiscard]] bool is_barred(const nostr::EventId& id) const {
    const auto found = barred_.find(id);
    return found != barred_.end() && (found->second == 0 || found->second > store_.now);
  }
  [[nodiscard]] bool is_barred_reference(std::string_view reference) const {
    const auto found = barred_references_.find(reference);
    return found != barred_references_.end() && (found->second == 0 || found->second > store_.now);
  }

  static Pool pool_of(const nostr::PublicKey& owner, const fuzzed::Rows& rows) {
    const auto row = rows.find(pool_key(owner));
    if (row == rows.end()) return {};
    auto pool = decode_pool(row->second);
    check(pool.has_value(), "a pool can be read");
    return *std::move(pool);
  }

  void check_pools() {
    const auto rows = store_.rows();
    nostr::Filter filter;
    filter.kinds = {nostr::kind::key_package, nostr::kind::addressable_key_package};
    std::set<nostr::EventId> stored, pooled;
    std::set<std::string_view> references;
    const auto events = store_.events(filter);
    for (const store::StoredEvent& event : events) {
      stored.insert(event.event->id);
      const auto reference = event.event->tags.first("kpr");
      check(!is_owned(*event.event) || !reference || references.insert(*reference).second,
            "no two live packages have one reference");
    }
    for (const std::uint64_t owner : {1, 2}) {
      std::map<PooledPackage::Kind, std::int64_t> counts;
      for (const PooledPackage& package : pool_of(fuzzed::bytes32(owner), rows)) {
        if (!package.live(store_.now)) continue;
        check(pooled.insert(package.event).second, "a package is in the pool once");
        check(++counts[package.kind] <= max_packages, "an owner's packages are bounded");
        check(!is_barred(package.event), "a consumed package is not in the pool");
      }
    }
    check(stored == pooled, "the pool holds what the store holds");
  }

  FuzzedDataProvider& bytes_;
  fuzzed::GatewayStore store_;
  std::uint64_t last_id_ = 0;
  std::vector<nostr::EventPtr> packages_;
  std::map<nostr::EventId, base::UnixSeconds> barred_;  // consumed, until when
  std::map<std::string, base::UnixSeconds, std::less<>> barred_references_;
  std::map<std::pair<nostr::PublicKey, nostr::PublicKey>, std::vector<base::UnixSeconds>> given_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider bytes(data, size);
  Pools pools(bytes);
  for (int step = 0; step < max_steps && bytes.remaining_bytes() > 0; ++step) pools.step();
  return 0;
}
