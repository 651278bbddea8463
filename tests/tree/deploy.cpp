// What ships for operators names what is there: metrics of the relay, entries of the runbook.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

#include "tree/source_file.h"

namespace {

namespace fs = std::filesystem;

const fs::path root = GATEWAY_SOURCE_DIR;

std::string read(const fs::path& path) {
  std::ifstream file(root / path);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The first group of every match.
std::set<std::string> all_of(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  std::set<std::string> found;
  for (std::sregex_iterator match(text.begin(), text.end(), regex), end; match != end; ++match)
    found.insert((*match)[1]);
  return found;
}

std::set<std::string> metrics_in(const std::string& text) {
  std::set<std::string> names;
  for (const std::string& name : all_of(text, "\\b((?:mls_gateway|nostr|process)_[a-z_]+)\\b"))
    names.insert(
        std::regex_replace(name, std::regex("(_seconds|_events)_(bucket|sum|count)$"), "$1"));
  names.erase("mls_gateway_alerts");  // groups of rules
  names.erase("mls_gateway_operation");
  return names;
}

/// Names in quotes anywhere in the relay's source.
std::set<std::string> metrics_of_the_relay() {
  std::set<std::string> names;
  for (const SourceFile& file : read_source_tree(root.string()))
    if (file.path.starts_with("src/"))
      names.merge(all_of(file.text, "\"((?:mls_gateway|nostr|process)_[a-z_]+)\""));
  return names;
}

TEST(Deploy, EveryMetricThatAnAlertOrTheDashboardAsksForIsMeasured) {
  const auto measured = metrics_of_the_relay();
  for (const char* file : {"deploy/prometheus/alerts.yml", "deploy/grafana/mls-gateway.json"}) {
    const auto asked = metrics_in(read(file));
    EXPECT_GT(asked.size(), 8u) << file;
    for (const std::string& name : asked)
      EXPECT_TRUE(measured.contains(name)) << file << ": " << name;
  }
}

TEST(Deploy, EveryMetricIsExplained) {
  const std::string page = read("docs/operations.md");
  for (const std::string& name : metrics_of_the_relay()) {
    // "`process_…`": "resident_memory_bytes"; "`…_refused_total`" follows its sibling.
    const std::string tail = name.substr(name.find('_') + 1);
    const bool explained = page.contains(name) ||
                           (name.starts_with("process_") && page.contains(tail)) ||
                           page.contains("…" + name.substr(name.rfind('_', name.size() - 7)) + "`");
    EXPECT_TRUE(explained) << name;
  }
}

TEST(Deploy, EveryAlertHasItsEntryInTheRunbookAndEveryEntryItsAlert) {
  const std::string alerts = read("deploy/prometheus/alerts.yml");
  const std::string page = read("docs/operations.md");
  const std::string runbook = page.substr(page.find("\n## Runbook\n"));
  const auto names = all_of(alerts, "- alert: (\\w+)\n");
  EXPECT_EQ(names, all_of(runbook, "\n### (\\w+)\n"));
  for (std::string name : names) {
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    EXPECT_THAT(alerts, testing::HasSubstr("runbook_url: \"docs/operations.md#" + name + "\"\n"));
  }
}

TEST(Deploy, EveryAlertSaysHowBadItIsAndWhatItMeans) {
  const std::string alerts = read("deploy/prometheus/alerts.yml");
  const auto count = [&](const std::string& pattern) {
    const std::regex regex(pattern);
    return std::distance(std::sregex_iterator(alerts.begin(), alerts.end(), regex), {});
  };
  const auto rules = count("- alert: ");
  EXPECT_GE(rules, 11);
  EXPECT_EQ(count("severity: (info|warning|critical)\n"), rules);
  for (const char* key : {"summary: \"", "description: \"", "runbook_url: \""})
    EXPECT_EQ(count(key), rules) << key;
}

}  // namespace
