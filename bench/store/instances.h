#pragma once
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "store/postgres/postgres_store.h"
#include "support/event_builder.h"
#include "works.h"

namespace bench {

template <typename T>
T run(boost::asio::awaitable<std::expected<T, store::StoreError>> task) {
  boost::asio::io_context loop;
  auto result = boost::asio::co_spawn(loop, std::move(task), boost::asio::use_future);
  loop.run();
  auto value = result.get();
  if (!value) throw std::runtime_error(value.error().message);
  return *std::move(value);
}

/// Stores on one new schema, which is dropped at the end.
class Instances {
 public:
  Instances(const StoreBench& bench, std::size_t count);
  ~Instances();
  Instances(const Instances&) = delete;
  Instances& operator=(const Instances&) = delete;

  [[nodiscard]] store::Store& operator[](std::size_t number) { return *stores_[number]; }
  [[nodiscard]] const std::string& url() const { return url_; }

  /// So many new messages of 0.8 kB in groups [0, groups).
  [[nodiscard]] static std::vector<store::Write> messages(std::size_t count, std::size_t groups);

 private:
  std::string database_, schema_, url_;
  std::vector<std::unique_ptr<store::PostgresStore>> stores_;
};

/// One statement on a connection of its own, waited for.
void execute(const std::string& url, const std::string& sql);

}  // namespace bench
