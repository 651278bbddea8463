#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace relay {

/// The answer of a check: pass, deny with a reason, or swallow. Any deny wins; nothing can allow.
class [[nodiscard]] Verdict {
 public:
  static Verdict pass() { return Verdict{}; }
  /// Pass, and tell the extension's own stage() what was found out (store::Write::note).
  static Verdict pass_with(std::uint8_t note) {
    Verdict verdict;
    verdict.note_ = note;
    return verdict;
  }
  /// `reason` begins with a NIP-01/42 prefix ("auth-required: …", "restricted: …", "invalid: …") and says the remedy.
  static Verdict deny(std::string reason) { return Verdict{std::move(reason)}; }

  /// For events: the client is told OK true, and the event is neither stored nor passed on. No further phase is asked;
  /// a denial in the same phase wins.
  static Verdict swallow() {
    Verdict verdict;
    verdict.swallowed_ = true;
    return verdict;
  }

  [[nodiscard]] bool denied() const { return reason_.has_value(); }
  /// REQUIRES: denied().
  [[nodiscard]] const std::string& reason() const { return *reason_; }
  [[nodiscard]] bool swallowed() const { return swallowed_; }
  [[nodiscard]] std::uint8_t note() const { return note_; }

 private:
  Verdict() = default;
  explicit Verdict(std::string reason) : reason_(std::move(reason)) {}
  std::optional<std::string> reason_;
  std::uint8_t note_ = 0;
  bool swallowed_ = false;
};

}  // namespace relay
