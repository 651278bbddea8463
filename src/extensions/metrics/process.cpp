#include "extensions/metrics/process.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>

namespace extensions::metrics {
namespace {

using relay::Measure;

std::string read_file(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Seconds after 1970 at which the machine was started.
std::optional<double> boot_time() {
  std::istringstream lines(read_file("/proc/stat"));
  for (std::string word; lines >> word;) {
    double time = 0;
    if (word == "btime" && lines >> time) return time;
  }
  return std::nullopt;
}

/// Field 22 of stat(5): ticks between the machine's start and this process's.
std::optional<double> start_ticks() {
  const std::string stat = read_file("/proc/self/stat");
  const auto name_end = stat.rfind(')');  // the name may hold spaces
  if (name_end == stat.npos) return std::nullopt;
  std::istringstream fields(stat.substr(name_end + 1));
  std::string field;
  for (int number = 3; number <= 22; ++number) fields >> field;
  if (!fields) return std::nullopt;
  return std::stod(field);
}

std::optional<double> resident_pages() {
  std::istringstream fields(read_file("/proc/self/statm"));
  double size = 0, resident = 0;
  if (!(fields >> size >> resident)) return std::nullopt;
  return resident;
}

std::optional<double> open_files() {
  constexpr auto folder = "/proc/self/fd";
  // Linux 6.2 and later give the number as the folder's size.
  struct stat status{};
  if (::stat(folder, &status) == 0 && status.st_size > 0)
    return static_cast<double>(status.st_size);
  std::error_code error;
  std::filesystem::directory_iterator files(folder, error);
  if (error) return std::nullopt;
  return static_cast<double>(std::distance(begin(files), end(files)) - 1);  // the folder's own
}

std::optional<double> max_files() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  return static_cast<double>(limit.rlim_cur);
}

std::optional<double> cpu_seconds() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return std::nullopt;
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::optional<double> start_time() {
  const auto booted = boot_time();
  const auto ticks = start_ticks();
  if (!booted || !ticks) return std::nullopt;
  return *booted + *ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

relay::Measures process_measures() {
  // Once: the kernel's boot time moves when the clock is set, and a start that moves means a restart to who reads this.
  static const auto started = start_time();
  relay::Measures measures;
  const auto add = [&](const char* name, const char* help, Measure::Type type,
                       std::optional<double> value) {
    if (value) measures.push_back({name, help, type, *value});
  };
  using enum Measure::Type;
  const auto pages = resident_pages();
  add("process_resident_memory_bytes", "Memory of the process.", gauge,
      pages ? std::optional(*pages * static_cast<double>(sysconf(_SC_PAGESIZE))) : std::nullopt);
  add("process_cpu_seconds_total", "Time on processors, in seconds.", counter, cpu_seconds());
  add("process_open_fds", "Open file descriptors, sockets included.", gauge, open_files());
  add("process_max_fds", "How many may be open.", gauge, max_files());
  add("process_start_time_seconds", "When the process was started, in seconds after 1970.", gauge,
      started);
  return measures;
}

}  // namespace extensions::metrics
