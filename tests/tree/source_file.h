#pragma once
// What a file of the source tree must keep to, as a check of its text alone.
#include <string>
#include <vector>

struct SourceFile {
  std::string path;  ///< from the root of the tree: "src/base/bytes.h"
  std::string text;
};

/// One line per fault: "src/net/listener.cpp:3: net may not include store/store.h".
[[nodiscard]] std::vector<std::string> faults_of(const SourceFile& file);

/// Every .h and .cpp below the folders that hold our own code.
[[nodiscard]] std::vector<SourceFile> read_source_tree(const std::string& root);
