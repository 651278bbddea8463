#include "fake_firestore/control.h"

#include <fmt/format.h>

#include <charconv>
#include <functional>
#include <map>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

namespace fake_firestore {

namespace {

constexpr std::string_view done = "ok";

using Words = std::vector<std::string>;
/// Nothing: the words make no sense.
using Answer = std::optional<std::string>;
using Command = std::function<Answer(FakeFirestore&, const Words&)>;

std::optional<int> number_in(const std::string& word) {
  int number = 0;
  const char* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, number);
  if (error != std::errc() || stop != end || number < 0) return std::nullopt;
  return number;
}

/// The end of an order, "[before|after] [times]", from the word at `next` on.
Answer order(FakeFirestore& fake, Fault fault, const Words& words, std::size_t next) {
  if (next < words.size() && (words[next] == "before" || words[next] == "after"))
    fault.when = words[next++] == "after" ? When::after : When::before;
  if (next < words.size()) {
    const auto times = number_in(words[next++]);
    if (!times || *times == 0) return std::nullopt;
    fault.times = *times;
  }
  if (next != words.size()) return std::nullopt;
  fake.faults().add(std::move(fault));
  return Answer(done);
}

Answer fail(FakeFirestore& fake, const Words& words) {
  const auto code = words.size() < 3 ? std::nullopt : code_of(words[2]);
  if (!code) return std::nullopt;
  return order(fake, {.method = words[1], .code = *code}, words, 3);
}

Answer delay(FakeFirestore& fake, const Words& words) {
  const auto ms = words.size() < 3 ? std::nullopt : number_in(words[2]);
  if (!ms) return std::nullopt;
  return order(fake, {.method = words[1], .delay = std::chrono::milliseconds(*ms)}, words, 3);
}

Answer hold(FakeFirestore& fake, const Words& words) {
  if (words.size() < 2) return std::nullopt;
  return order(fake, {.method = words[1], .held = true}, words, 2);
}

Answer cut(FakeFirestore& fake, const Words& words) {
  const auto code = words.size() < 2 ? Code::unavailable : code_of(words[1]);
  if (!code) return std::nullopt;
  fake.cut_streams(*code);
  return Answer(done);
}

Answer up(FakeFirestore& fake, const Words& /*words*/) {
  return fake.start() ? Answer(done) : Answer("error: the port is taken");
}

Answer counts(FakeFirestore& fake, const Words& /*words*/) {
  const Counts counts = fake.counts();
  return fmt::format("reads {} writes {} deletes {}", counts.reads, counts.writes, counts.deletes);
}

Answer calls(FakeFirestore& fake, const Words& words) {
  if (words.size() != 2) return std::nullopt;
  return fmt::format("calls {}", fake.faults().calls(words[1]));
}

/// A command of one word that always succeeds.
template <class Act>
Command simple(Act act) {
  return [act](FakeFirestore& fake, const Words& /*words*/) -> Answer {
    act(fake);
    return Answer(done);
  };
}

std::map<std::string, Command> commands() {
  return {
      {"fail", fail},
      {"delay", delay},
      {"hold", hold},
      {"cut", cut},
      {"up", up},
      {"counts", counts},
      {"calls", calls},
      {"down", simple([](FakeFirestore& fake) { fake.stop(); })},
      {"release", simple([](FakeFirestore& fake) { fake.faults().release(); })},
      {"clear", simple([](FakeFirestore& fake) { fake.faults().clear(); })},
      {"reset", simple([](FakeFirestore& fake) { fake.reset_targets(); })},
      {"forget-tokens", simple([](FakeFirestore& fake) { fake.forget_tokens(); })},
      {"heartbeat", simple([](FakeFirestore& fake) { fake.heartbeat(); })},
      {"clear-counts", simple([](FakeFirestore& fake) { fake.clear_counts(); })},
      {"held", [](FakeFirestore& fake,
                  const Words&) { return fmt::format("held {}", fake.faults().held()); }},
      {"streams",
       [](FakeFirestore& fake, const Words&) { return fmt::format("streams {}", fake.streams()); }},
  };
}

Words words_of(std::string_view line) {
  std::istringstream text{std::string(line)};
  Words words;
  for (std::string word; text >> word;) words.push_back(std::move(word));
  return words;
}

}  // namespace

std::string obey(FakeFirestore& fake, std::string_view line) {
  const Words words = words_of(line);
  const auto known = commands();
  const auto command = words.empty() ? known.end() : known.find(words.front());
  if (command == known.end()) return "error: no such command";
  return command->second(fake, words).value_or("error: the command's words make no sense");
}

}  // namespace fake_firestore
