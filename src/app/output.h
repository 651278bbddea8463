#pragma once
#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace app {

enum class Packing { none, gzip, zstd };

/// A stream to stdout, packed or not, in blocks of its own. Remembers the first error; what is written after it goes
/// nowhere. Used by one thread.
class Output {
 public:
  virtual ~Output() = default;
  [[nodiscard]] static std::unique_ptr<Output> to_stdout(Packing packing);

  void write(std::string_view bytes);
  /// Writes what is left; nothing may follow. The error is a number of the system.
  [[nodiscard]] std::expected<void, int> finish();
  [[nodiscard]] bool failed() const { return error_ != 0; }

 protected:
  /// Appends the packed form of `bytes` to `out`; with `last`, all that is still inside too.
  virtual void pack(std::string_view bytes, bool last, std::string& out) = 0;

 private:
  void flush(bool last);

  std::string plain_, packed_;
  int error_ = 0;
};

}  // namespace app
