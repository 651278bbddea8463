#pragma once
// Values and writes in few words.
#include <cstdint>
#include <string>

#include "fake_firestore/documents.h"
#include "fake_firestore/writes.h"
#include "google/firestore/v1/write.pb.h"

namespace fake_firestore {

inline const std::string database_name = "projects/p/databases/(default)";
inline const std::string root = database_name + "/documents";

inline std::string name_of(const std::string& id) { return root + "/c/" + id; }

inline v1::Value integer(std::int64_t number) {
  v1::Value value;
  value.set_integer_value(number);
  return value;
}

inline v1::Value real(double number) {
  v1::Value value;
  value.set_double_value(number);
  return value;
}

inline v1::Value text(const std::string& words) {
  v1::Value value;
  value.set_string_value(words);
  return value;
}

template <class... Values>
v1::Value list(const Values&... values) {
  v1::Value value;
  auto& array = *value.mutable_array_value();
  (void(*array.add_values() = values), ...);
  return value;
}

inline v1::Value map(const std::string& name, const v1::Value& inner) {
  v1::Value value;
  (*value.mutable_map_value()->mutable_fields())[name] = inner;
  return value;
}

/// Of the document `id`, with one field `x`.
inline v1::Write set(const std::string& id, const v1::Value& x) {
  v1::Write write;
  write.mutable_update()->set_name(name_of(id));
  (*write.mutable_update()->mutable_fields())["x"] = x;
  return write;
}

inline v1::Write removal(const std::string& id) {
  v1::Write write;
  write.set_delete_(name_of(id));
  return write;
}

/// Commits one write that has to succeed; returns its time.
inline Micros commit(Documents& documents, const v1::Write& write) {
  Pending pending(documents, documents.tick());
  if (!pending.apply(write)) return -1;
  const Micros at = pending.now();
  documents.commit(std::move(pending).take(), at);
  return at;
}

}  // namespace fake_firestore
