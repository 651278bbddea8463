#include "store/postgres/conninfo.h"

#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace store::postgres {
namespace {

struct Pair {
  const char* name;
  const char* value;
};

// A server that vanished is noticed in 10 s.
constexpr std::array<Pair, 6> connection_defaults{{{"fallback_application_name", "mls-gateway"},
                                                   {"keepalives_idle", "5"},
                                                   {"keepalives_interval", "2"},
                                                   {"keepalives_count", "3"},
                                                   {"tcp_user_timeout", "10000"},
                                                   {"gssencmode", "disable"}}};

// Every query is written for an index: a plan without one is a mistake that only a large table
// shows. A frozen instance gives the lock of commits back after
// idle_in_transaction_session_timeout, so others wait longer than that; one that froze while it sent
// or was sent something, after transaction_timeout (PostgreSQL 17), one that vanished, when the
// server's own keepalive notices.
constexpr std::array<Pair, 16> session{{{"statement_timeout", "15s"},
                                        {"lock_timeout", "10s"},
                                        {"idle_in_transaction_session_timeout", "3s"},
                                        {"transaction_timeout", "15s"},
                                        {"default_transaction_isolation", "read committed"},
                                        {"tcp_keepalives_idle", "5"},
                                        {"tcp_keepalives_interval", "2"},
                                        {"tcp_keepalives_count", "3"},
                                        {"tcp_user_timeout", "10000"},
                                        {"synchronous_commit", "on"},
                                        {"client_encoding", "UTF8"},
                                        {"jit", "off"},
                                        {"enable_seqscan", "off"},
                                        {"enable_bitmapscan", "off"},
                                        {"enable_hashjoin", "off"},
                                        {"enable_mergejoin", "off"}}};

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

}  // namespace

std::expected<ConnectionHandle, Failure> start_connecting(const std::string& conninfo) {
  // What libpq says of a URL that it cannot read repeats it.
  const std::unique_ptr<PQconninfoOption, FreeOptions> options(
      PQconninfoParse(conninfo.c_str(), nullptr));
  if (!options)
    return std::unexpected(Failure{Fault::refused, "", "the URL of the database cannot be read"});
  std::vector<const char*> names, values;
  const auto say = [&](const char* name, const char* value) {
    names.push_back(name);
    values.push_back(value);
  };
  for (const auto& [name, value] : connection_defaults) say(name, value);
  for (const PQconninfoOption* option = options.get(); option->keyword; ++option)
    if (option->val) say(option->keyword, option->val);  // the last one counts
  names.push_back(nullptr);
  values.push_back(nullptr);
  ConnectionHandle handle(PQconnectStartParams(names.data(), values.data(), 0));
  if (!handle) return std::unexpected(Failure{Fault::refused, "", "out of memory"});
  if (PQstatus(handle.get()) == CONNECTION_BAD) return std::unexpected(loss_of(handle.get()));
  PQsetNoticeReceiver(handle.get(), [](void*, const PGresult*) {}, nullptr);  // else on stderr
  return handle;
}

Params session_settings() {
  std::vector<std::string_view> names, values;
  for (const auto& [name, value] : session) {
    names.emplace_back(name);
    values.emplace_back(value);
  }
  return Params().add_texts(names).add_texts(values);
}

}  // namespace store::postgres
