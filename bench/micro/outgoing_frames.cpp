// What one delivery costs before it reaches the kernel, plain and compressed: a turn in which events go to a thousand
// subscribers, each with a head of its own.
#include "net/outgoing_frames.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdint>
#include <random>

namespace {

constexpr std::size_t subscribers = 1000;

std::string random_text(std::mt19937_64& random, std::size_t size, std::string_view alphabet) {
  std::string text;
  while (text.size() < size) text += alphabet[random() % alphabet.size()];
  return text;
}

/// A group message of about so many bytes: identifiers in hex, ciphertext in Base64.
nostr::EventPtr group_message(std::mt19937_64& random, std::size_t size) {
  constexpr std::string_view hex = "0123456789abcdef";
  constexpr std::string_view base64 =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto id = [&](std::size_t length) { return random_text(random, length, hex); };
  auto event = std::make_shared<nostr::Event>();
  event->json = fmt::format(
      R"({{"id":"{}","pubkey":"{}","created_at":1700000000,"kind":445,"tags":[["h","{}"]],"content":"{}","sig":"{}"}})",
      id(64), id(64), id(64), random_text(random, size - 410, base64), id(128));
  return event;
}

std::vector<std::shared_ptr<const std::string>> heads() {
  std::vector<std::shared_ptr<const std::string>> all;
  for (std::size_t i = 0; i < subscribers; ++i)
    all.push_back(
        std::make_shared<const std::string>(fmt::format(R"(["EVENT","subscription-{}",)", i)));
  return all;
}

/// Turns of one event of `state.range(0)` bytes, or of ten, to all subscribers; `append` frames one
/// message.
template <typename Append>
void measure(benchmark::State& state, Append append) {
  const auto subscriptions = heads();
  std::mt19937_64 random(1);
  std::vector<nostr::EventPtr> events;
  for (int i = 0; i < 200; ++i)
    events.push_back(group_message(random, static_cast<std::size_t>(state.range(0))));
  const auto burst = static_cast<std::size_t>(state.range(1));
  net::CompressedFrames frames;
  std::string scratch;
  std::size_t turn = 0, bytes = 0;
  for (auto _ : state) {
    for (const auto& head : subscriptions) {
      scratch.clear();
      for (std::size_t i = 0; i < burst; ++i)
        append(frames, scratch, {head, events[(turn * burst + i) % events.size()]});
      bytes += scratch.size();
      benchmark::DoNotOptimize(scratch.data());
    }
    frames.end_turn();
    ++turn;
  }
  const auto deliveries = state.iterations() * static_cast<std::int64_t>(subscribers * burst);
  state.SetItemsProcessed(deliveries);
  state.counters["bytes"] = static_cast<double>(bytes) / static_cast<double>(deliveries);
}

void deliveries_plain(benchmark::State& state) {
  measure(state, [](net::CompressedFrames&, std::string& out, const relay::Outgoing& message) {
    net::append_plain(out, message);
  });
}
void deliveries_compressed(benchmark::State& state) {
  measure(state,
          [](net::CompressedFrames& frames, std::string& out, const relay::Outgoing& message) {
            frames.append(out, message, {.window_bits = 15});
          });
}
/// Each delivery compressed for itself, as without sharing.
void deliveries_each_compressed(benchmark::State& state) {
  measure(state,
          [](net::CompressedFrames& frames, std::string& out, const relay::Outgoing& message) {
            frames.append(out, message, {.window_bits = 15});
            frames.end_turn();
          });
}

BENCHMARK(deliveries_plain)->Args({800, 1})->Args({2000, 1})->Args({800, 10});
BENCHMARK(deliveries_compressed)->Args({800, 1})->Args({2000, 1})->Args({800, 10});
BENCHMARK(deliveries_each_compressed)->Args({800, 1})->Args({2000, 1});

}  // namespace
