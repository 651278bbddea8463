#pragma once
// What the ACL sidecar has said, for as long as it holds: memory and time, nothing else.
#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "extensions/mls_gateway/acl_protocol.h"

namespace extensions::mls_gateway {

using SteadyTime = std::chrono::steady_clock::time_point;

/// A key and a group it may be in.
struct AclPair {
  nostr::PublicKey key;
  std::string group;
};

/// The same without owning the group's id, so that looking something up allocates nothing.
struct AclPairView {
  const nostr::PublicKey& key;
  std::string_view group;

  AclPairView(const nostr::PublicKey& key_of, std::string_view group_id)
      : key(key_of), group(group_id) {}
  AclPairView(const AclPair& pair) : key(pair.key), group(pair.group) {}
};

struct AclPairHash {
  using is_transparent = void;
  std::size_t operator()(AclPairView pair) const noexcept {
    return std::hash<std::string_view>{}(pair.group) * 31 + std::hash<nostr::PublicKey>{}(pair.key);
  }
};
struct AclPairEqual {
  using is_transparent = void;
  bool operator()(AclPairView a, AclPairView b) const noexcept {
    return a.key == b.key && a.group == b.group;
  }
};
template <typename T>
using AclPairMap = std::unordered_map<AclPair, T, AclPairHash, AclPairEqual>;

/// Answers by key and group, at most `max_entries` of them: beyond that the one longest unused goes
/// (second chance). Confined to one thread; told the time, asks for none.
class AclCache {
 public:
  explicit AclCache(std::size_t max_entries) : max_entries_(max_entries) {}
  AclCache(const AclCache&) = delete;
  AclCache& operator=(const AclCache&) = delete;

  /// `unknown`: never put, or its time is over. Remembers that the answer was of use.
  [[nodiscard]] Standing find(AclPairView pair, SteadyTime now) const;

  /// Holds from now to asked_at + ttl; if that is over, whatever was known before is dropped too.
  void put(AclPairView pair, Standing standing, SteadyTime asked_at, std::chrono::milliseconds ttl,
           SteadyTime now);

  void forget(AclPairView pair);
  void forget_group(std::string_view group);
  void forget_all();

  [[nodiscard]] std::size_t size() const { return entries_.size(); }

  /// When take_due() has something to do; nullopt: never.
  [[nodiscard]] std::optional<SteadyTime> next_due() const;
  /// Drops what is over, and returns the pairs to ask about again: those in the last quarter of
  /// their time that were of use since they were put, or are `kept`. A pair comes up to three
  /// times before its end, so that one failure, or a late use, is no gap.
  [[nodiscard]] std::vector<AclPair> take_due(
      SteadyTime now, const std::function<bool(const AclPair&, Standing)>& kept);

 private:
  struct Entry;
  using Node = std::pair<const AclPair, Entry>;
  using Order = std::list<Node*>;
  using Due = std::multimap<SteadyTime, Node*>;
  struct Entry {
    Standing standing{};
    SteadyTime from{}, until{};
    mutable bool of_use = false;         ///< since it was put
    mutable bool second_chance = false;  ///< of use since it was last considered for leaving
    Order::iterator place{};
    Due::iterator due{};
  };

  void make_room();
  void file_due(Node& node, SteadyTime at);
  void erase(Node& node);

  std::size_t max_entries_;
  AclPairMap<Entry> entries_;
  Order order_;  ///< next to leave first
  Due due_;      ///< each entry once
};

}  // namespace extensions::mls_gateway
