#pragma once
#include <secp256k1.h>
#include <secp256k1_extrakeys.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// A secret key and what it signs with; keys are random, made anew for every run.
class Signer {
 public:
  Signer();

  /// Signs from now on with another key.
  void change_key();
  [[nodiscard]] const std::string& public_key() const { return public_key_; }

  /// The event as JSON (NIP-01). `tags` is JSON, `content` needs no escaping.
  [[nodiscard]] std::string sign(int kind, std::string_view tags, std::string_view content) const;

 private:
  struct Destroy {
    void operator()(secp256k1_context* context) const { secp256k1_context_destroy(context); }
  };
  std::unique_ptr<secp256k1_context, Destroy> context_;
  secp256k1_keypair keypair_{};
  std::string public_key_;
};

/// An event ready to be sent, and how to recognise it.
struct PreparedEvent {
  std::uint64_t key;  ///< event_key() of its id
  std::string frame;  ///< masked WebSocket frame of its EVENT message
};

/// What `prepare` makes.
struct EventPlan {
  std::size_t count = 0;
  int kind = 1;
  std::size_t content_bytes = 400;  ///< makes an event of about 0.8 kB
  bool one_time_keys = false;
  std::function<std::string(std::size_t)> tags = {};  ///< JSON of event i's tags
};

/// Signs all events (20,000 to 30,000 a second), with progress on stderr.
[[nodiscard]] std::vector<PreparedEvent> prepare(Signer& signer, const EventPlan& plan);

/// Random lowercase hex, for tag values that no earlier run has used.
[[nodiscard]] std::string random_hex(std::size_t bytes);

/// The first 64 bits of a hex id; 0 for anything shorter.
[[nodiscard]] std::uint64_t event_key(std::string_view id);
/// The same of the event in `json`.
[[nodiscard]] std::uint64_t event_key_in(std::string_view json);

}  // namespace bench
