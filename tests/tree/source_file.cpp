#include "tree/source_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "tree/layers.h"
#include "tree/one_door.h"

namespace {

constexpr std::size_t max_lines = 450;

// In two halves each, so that this file does not hold what it looks for.
const std::vector<std::string> marks = {
    "TO"
    "DO",
    "FIX"
    "ME"};
const std::vector<std::string> machine_paths = {
    "/wo"
    "rk/",
    "/ho"
    "me/",
    "/t"
    "mp/"};

/// The first of `needles` in `line`, "" for none.
std::string first_of(const std::string& line, const std::vector<std::string>& needles) {
  for (const std::string& needle : needles)
    if (line.find(needle) != line.npos) return needle;
  return "";
}

/// What stands between the quotes of an #include "…", "" for any other line.
std::string included(const std::string& line) {
  if (!line.starts_with("#include \"")) return "";
  return line.substr(10, line.find('"', 10) - 10);
}

/// The path below src/, "" for other folders.
std::string below_src(const std::string& path) {
  return path.starts_with("src/") ? path.substr(4) : "";
}

std::vector<std::string> faults_of_line(const SourceFile& file, const std::string& line) {
  std::vector<std::string> faults;
  if (const auto mark = first_of(line, marks); !mark.empty()) faults.push_back("holds a " + mark);
  const std::string inner = below_src(file.path);
  if (inner.empty()) return faults;
  if (const auto path = first_of(line, machine_paths); !path.empty())
    faults.push_back("holds a path of one machine, " + path);
  if (const auto header = included(line); !header.empty())
    if (auto fault = wrong_include(inner, header)) {
      faults.push_back(*fault);
      return faults;
    }
  if (auto fault = another_door(inner, line)) faults.push_back(*fault);
  return faults;
}

}  // namespace

std::vector<std::string> faults_of(const SourceFile& file) {
  std::vector<std::string> faults;
  std::istringstream text(file.text);
  std::size_t number = 0;
  bool once = false;
  for (std::string line; std::getline(text, line);) {
    ++number;
    once = once || line == "#pragma once";
    for (const std::string& fault : faults_of_line(file, line))
      faults.push_back(file.path + ":" + std::to_string(number) + ": " + fault);
  }
  if (number > max_lines)
    faults.push_back(file.path + ": has " + std::to_string(number) + " lines; split it (at most " +
                     std::to_string(max_lines) + ")");
  if (file.path.ends_with(".h") && !once) faults.push_back(file.path + ": has no #pragma once");
  return faults;
}

std::vector<SourceFile> read_source_tree(const std::string& root) {
  namespace fs = std::filesystem;
  std::vector<SourceFile> files;
  for (const std::string folder :
       {"src", "tests/unit", "tests/contract", "tests/tree", "bench", "fuzz"}) {
    if (!fs::exists(fs::path(root) / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(root) / folder)) {
      const auto kind = entry.path().extension();
      if (kind != ".h" && kind != ".cpp") continue;
      std::ifstream in(entry.path(), std::ios::binary);
      files.push_back({fs::relative(entry.path(), root).generic_string(),
                       std::string(std::istreambuf_iterator<char>(in), {})});
    }
  }
  return files;
}
