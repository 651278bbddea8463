// fake-firestore [port]: says "listening on 127.0.0.1:<port>", then obeys the lines on its standard
// input (control.h), and ends with it: it does not outlive the test that started it.
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>

#include "fake_firestore/control.h"

int main(int count, char** words) {
  std::uint16_t port = 0;
  if (count > 1) {
    const std::string_view word = words[1];
    std::from_chars(word.data(), word.data() + word.size(), port);
  }
  fake_firestore::FakeFirestore fake;
  if (!fake.start(port)) {
    fmt::print(stderr, "fake-firestore: the port is taken\n");
    return 1;
  }
  const auto say = [](const std::string& line) {
    fmt::print("{}\n", line);
    std::fflush(stdout);
  };
  say(fmt::format("listening on {}", fake.host()));
  for (std::string line; std::getline(std::cin, line);) say(fake_firestore::obey(fake, line));
}
