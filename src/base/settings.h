#pragma once
// Configuration declared once: each key is bound to a struct member with its help text, check and environment
// names. Loading (src/config), `check-config`, the printed reference and the "unknown key" errors all come from this.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace base {

struct Setting {
  using Target = std::variant<bool*, std::int64_t*, std::string*, std::vector<std::string>*,
                              std::vector<std::int64_t>*>;
  /// What is wrong with the value just stored in the target and how to mend it; nullopt if it is good.
  using Check = std::function<std::optional<std::string>()>;

  std::string section;  ///< "server", "extensions.mls_gateway"
  std::string key;      ///< "port"
  std::string help;     ///< one sentence, with unit and meaning of special values
  Target target;        ///< holds the default until a file or the environment says otherwise
  Check check;          ///< may be empty
  std::vector<std::string>
      env;            ///< names besides the derived MLS_GATEWAY_<SECTION>_<KEY>, strongest first
  bool live = false;  ///< a reload takes it over; otherwise it needs a restart

  [[nodiscard]] std::string path() const { return section + "." + key; }
};

/// The declared keys, in the order of the reference. Not thread-safe; used while starting.
class Settings {
 public:
  /// The targets must outlive this object.
  void add(Setting setting) { all_.push_back(std::move(setting)); }
  [[nodiscard]] const std::vector<Setting>& all() const { return all_; }

 private:
  std::vector<Setting> all_;
};

/// A check that a number lies in [low, high].
[[nodiscard]] Setting::Check in_range(const std::int64_t& value, std::int64_t low,
                                      std::int64_t high);
/// A check that a text is one of `allowed`.
[[nodiscard]] Setting::Check one_of(const std::string& value, std::vector<std::string> allowed);
/// What `check` finds wrong with the first bad entry of the list, with the entry's number.
[[nodiscard]] Setting::Check each(
    const std::vector<std::string>& list,
    std::function<std::optional<std::string>(const std::string&)> check);

}  // namespace base
