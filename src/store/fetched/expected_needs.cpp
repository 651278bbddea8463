#include <utility>

#include "nostr/deletion.h"
#include "store/fetched/ledger.h"

namespace store::fetched {
namespace {

class Expecting {
 public:
  Expecting(const Stager& stager, Sha256& sha256) : stager_(stager), sha256_(sha256) {}

  void add(const Write& write) {
    const nostr::Event& event = *write.event;
    reads_.clear();
    stager_.reads(write, reads_);
    for (std::string& key : reads_.keys) needs_.rows.insert(std::move(key));
    needs_.events.insert(event.id);
    if (nostr::is_ephemeral(event.kind)) return;
    needs_.tombstones.insert(vanished_tombstone(event.pubkey));
    if (nostr::is_deletable(event.kind)) {
      for (const nostr::PublicKey& signer : nostr::possible_deleters(event))
        needs_.tombstones.insert(buried_tombstone(event.id, signer));
    }
    if (const auto address = nostr::address_of(event)) add(*address);
    if (event.kind == nostr::kind::deletion) add(nostr::deletion_request(event));
  }

  [[nodiscard]] Needs take() { return std::move(needs_); }

 private:
  void add(const nostr::Address& address) {
    const std::string key(address_key(address, sha256_).view());
    needs_.addresses.insert(key);
    needs_.tombstones.insert(address_tombstone(key));
  }
  void add(const nostr::DeletionRequest& request) {
    needs_.events.insert(request.ids.begin(), request.ids.end());
    for (const nostr::Address& address : request.addresses) add(address);
  }

  const Stager& stager_;
  Sha256& sha256_;
  Needs needs_;
  Reads reads_;
};

}  // namespace

Needs expected_needs(std::span<const Write> writes, const Stager& stager, Sha256& sha256) {
  Expecting expecting(stager, sha256);
  for (const Write& write : writes) expecting.add(write);
  return expecting.take();
}

Needs expected_needs(std::span<const Operation* const> operations) {
  Needs needs;
  for (Reads reads; const Operation* operation : operations) {
    reads.clear();
    operation->reads(reads);
    needs.rows.insert(reads.keys.begin(), reads.keys.end());
  }
  return needs;
}

}  // namespace store::fetched
