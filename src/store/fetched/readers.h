#pragma once
#include <memory>
#include <mutex>
#include <vector>

#include "nostr/client_message.h"
#include "store/sha256.h"

namespace store::fetched {

/// What reading a page needs and is costly to make: lent out, one for each who reads at the same time. Thread-safe.
class Readers {
 public:
  struct Reader {
    Reader();
    nostr::MessageParser parser;
    Sha256 sha256;
  };
  struct GiveBack {
    Readers* readers;
    void operator()(Reader* reader) const { readers->take_back(reader); }
  };
  using Lease = std::unique_ptr<Reader, GiveBack>;

  [[nodiscard]] Lease lend();

 private:
  void take_back(Reader* reader);

  std::mutex mutex_;
  std::vector<std::unique_ptr<Reader>> idle_;  // guarded by mutex_
};

}  // namespace store::fetched
