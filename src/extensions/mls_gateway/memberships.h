#pragma once
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <list>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "nostr/viewer.h"
#include "store/store.h"

namespace extensions::mls_gateway {

/// The groups of the keys that are proved on this worker's connections: loaded when a key is proved, kept true by every
/// commit. Memory grows with who is connected, not with how many groups there are. Confined to its worker's thread.
class Memberships {
 public:
  explicit Memberships(store::RowReader& rows) : rows_(rows) {}

  /// Loads the groups of `key`; false when the store could not be read. Balanced by leave() when true.
  [[nodiscard]] boost::asio::awaitable<bool> join(nostr::PublicKey key);
  void leave(const nostr::PublicKey& key);
  /// Nothing that was loaded holds, nor what is being loaded: nobody is in any group who does not
  /// join() anew.
  void forget();
  void apply(const store::CommitBatch& batch);

  [[nodiscard]] bool is_member(const nostr::Viewer& viewer, std::string_view group_id) const;

  // A key that is in more groups than are loaded (anyone may invite it into theirs): the others are looked up when they are
  // met, and what was found is remembered, yes or no. True: is_member() says no for want of look_up().
  [[nodiscard]] bool undecided(const nostr::Viewer& viewer, std::string_view group_id) const;
  [[nodiscard]] boost::asio::awaitable<void> look_up(nostr::ViewerPtr viewer,
                                                     std::vector<std::string> groups);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  // By group first: an event names one group and is offered to very many viewers, so that what each of them is looked up
  // in stays in the cache.
  using Keys = std::unordered_set<nostr::PublicKey>;
  using Groups = std::unordered_map<std::string, Keys, Hash, std::equal_to<>>;
  using Group = Groups::value_type;
  /// The groups that somebody was looked up in and is not in: the last `kept` at least, twice as many at most, until a
  /// commit says otherwise.
  class Outside {
   public:
    void add(std::string_view group);
    void erase(std::string_view group);
    [[nodiscard]] bool contains(std::string_view group) const;

   private:
    using Ids = std::set<std::string, std::less<>>;
    static constexpr std::size_t kept = 10'000;
    Ids newer_, older_;
  };
  struct Member {
    std::size_t connections = 0;
    store::Seq known_to =
        0;  // commits up to here are in `groups`, even those this worker has yet to hear of
    std::unordered_set<Group*> groups{};
    bool partial = false;       // the key is in more groups than these
    Outside outside{};          // looked up, and not in there
    std::uint64_t changes = 0;  // by commits, so far
  };
  /// A load under way, and what commits changed meanwhile: applied on top, so that no change is missed and none that
  /// the load has already seen is applied again.
  struct Change {
    store::Seq seq;
    std::string group;
    bool is_member;
  };
  struct Loading {
    nostr::PublicKey key;
    std::vector<Change> missed{};
    bool outdated = false;
  };

  void load(const Loading& loading, const store::RowPage& page);
  void set(const nostr::PublicKey& key, Member& member, std::string_view group, bool is_member);
  void drop(const nostr::PublicKey& key, Group* group);
  [[nodiscard]] const Group* find(std::string_view group_id) const;

  store::RowReader& rows_;
  std::unordered_map<nostr::PublicKey, Member> members_;
  Groups groups_;                            // those with a member connected here
  mutable const Group* met_last_ = nullptr;  // an event is offered to many viewers in a row
  std::list<Loading> loading_;
};

}  // namespace extensions::mls_gateway
