#include "store/postgres/values.h"

#include <gtest/gtest.h>

#include <limits>

#include "unit/postgres/on_server.h"

namespace {

using store::postgres::Result;
using store::postgres::Type;
using namespace test;

/// The first value of the answer to one statement.
std::string text(const std::string& sql, Params params) {
  std::string found = "(no answer)";
  with_connection([&](std::shared_ptr<Connection> connection) -> Work {
    Answer answer = co_await connection->run(one(sql, params), soon());
    if (answer) found = answer->front().bytes(0, 0);
  });
  return found;
}

TEST(PostgresValues, NumbersTextAndBytesGoThereAndBack) {
  const std::string bytes("\0\xff\x80'\\", 5);
  const auto params = Params()
                          .add(true)
                          .add(std::numeric_limits<std::int16_t>::min())
                          .add(std::numeric_limits<std::int32_t>::max())
                          .add(std::numeric_limits<std::int64_t>::min())
                          .add_bytes(bytes)
                          .add_text("žluť")
                          .add_bytes("")
                          .add_text("");
  with_connection([&](std::shared_ptr<Connection> connection) -> Work {
    Answer answer = co_await connection->run(one("select $1,$2,$3,$4,$5,$6,$7,$8", params), soon());
    EXPECT_TRUE(answer);
    if (!answer) co_return;
    Result& row = answer->front();
    EXPECT_EQ(row.rows(), 1u);
    EXPECT_TRUE(row.boolean(0, 0));
    EXPECT_EQ(row.int16(0, 1), std::numeric_limits<std::int16_t>::min());
    EXPECT_EQ(row.int32(0, 2), std::numeric_limits<std::int32_t>::max());
    EXPECT_EQ(row.int64(0, 3), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(row.bytes(0, 4), bytes);
    EXPECT_EQ(row.bytes(0, 5), "žluť");
    EXPECT_EQ(row.bytes(0, 6), "");
    EXPECT_EQ(row.bytes(0, 7), "");
    EXPECT_TRUE(row.valid());
  });
}

TEST(PostgresValues, NullsOfEveryTypeAreNull) {
  const std::vector<std::pair<Type, std::string>> types = {
      {Type::boolean, "boolean"},      {Type::bytea, "bytea"},
      {Type::int8, "bigint"},          {Type::int2, "smallint"},
      {Type::int4, "integer"},         {Type::text, "text"},
      {Type::bytea_array, "bytea[]"},  {Type::int2_array, "smallint[]"},
      {Type::int4_array, "integer[]"}, {Type::text_array, "text[]"},
      {Type::int8_array, "bigint[]"}};
  for (const auto& [type, name] : types)
    EXPECT_EQ(
        text("select pg_typeof($1)::text || ' ' || ($1 is null)::text", Params().add_null(type)),
        name + " true");
}

TEST(PostgresValues, ArraysOfNumbersArriveInOrder) {
  const auto joined = "select array_to_string($1, ' ', 'NULL')";
  const std::vector<std::int16_t> shorts = {-1, 2};
  const std::vector<std::int32_t> ints = {-3, 4};
  const std::vector<std::int64_t> longs = {-5, std::numeric_limits<std::int64_t>::max()};
  const std::vector<std::optional<std::int64_t>> some = {std::nullopt, 6, std::nullopt};
  EXPECT_EQ(text(joined, Params().add_int2s(shorts)), "-1 2");
  EXPECT_EQ(text(joined, Params().add_int4s(ints)), "-3 4");
  EXPECT_EQ(text(joined, Params().add_int8s(longs)), "-5 9223372036854775807");
  EXPECT_EQ(text(joined, Params().add_int8s(some)), "NULL 6 NULL");
}

TEST(PostgresValues, ArraysOfBytesAndTextsArriveInOrder) {
  const std::vector<std::string_view> bytes = {{"\0a", 2}, "", "b"};
  const std::vector<std::optional<std::string_view>> some = {"a", std::nullopt, ""};
  const std::vector<std::string> texts = {"x,y", "", "{ž}"};
  const auto hex =
      "select string_agg(coalesce(encode(x, 'hex'), 'NULL'), ' ' order by n) "
      "from unnest($1) with ordinality as u(x, n)";
  EXPECT_EQ(text(hex, Params().add_byteas(bytes)), "0061  62");
  EXPECT_EQ(text(hex, Params().add_byteas(some)), "61 NULL ");
  EXPECT_EQ(text("select array_to_string($1, '|')", Params().add_texts(texts)), "x,y||{ž}");
}

TEST(PostgresValues, EmptyArraysAreEmpty) {
  const auto size = "select cardinality($1)::text || ' ' || ($1 = '{}')::text";
  const std::vector<std::string> none;
  EXPECT_EQ(text(size, Params().add_int2s({})), "0 true");
  EXPECT_EQ(text(size, Params().add_int4s({})), "0 true");
  EXPECT_EQ(text(size, Params().add_int8s(std::span<const std::int64_t>())), "0 true");
  EXPECT_EQ(text(size, Params().add_byteas(none)), "0 true");
  EXPECT_EQ(text(size, Params().add_texts(none)), "0 true");
}

TEST(PostgresValues, OneMebibyteGoesThereAndBack) {
  std::string bytes(1 << 20, 'x');
  for (std::size_t i = 0; i < bytes.size(); i += 7) bytes[i] = static_cast<char>(i);
  EXPECT_EQ(text("select $1", Params().add_bytes(bytes)), bytes);
}

TEST(PostgresValues, ParametersAfterAnArrayKeepTheirPlace) {
  const std::vector<std::string> none;
  EXPECT_EQ(text("select $2 || cardinality($1) || $3",
                 Params().add_byteas(none).add_text("a").add_text("b")),
            "a0b");
}

/// Reads one wrong thing of a row of an int8, a NULL and a text.
bool still_valid_after(const std::function<void(Result&)>& read) {
  bool valid = true;
  with_connection([&](std::shared_ptr<Connection> connection) -> Work {
    Answer answer = co_await connection->run(
        one("select 7::int8, null::int8, 'seven'::text, 7::numeric"), soon());
    if (!answer) co_return;
    EXPECT_TRUE(answer->front().valid());
    read(answer->front());
    valid = answer->front().valid();
  });
  return valid;
}

TEST(PostgresResult, WhatIsNotThereOrOfAnotherTypeReadsAsNothingAndIsMarked) {
  EXPECT_TRUE(still_valid_after([](Result& row) { EXPECT_EQ(row.int64(0, 0), 7); }));
  EXPECT_TRUE(still_valid_after([](Result& row) { EXPECT_TRUE(row.is_null(0, 1)); }));
  EXPECT_TRUE(still_valid_after([](Result& row) { EXPECT_TRUE(row.is_null(5, 5)); }));
  EXPECT_FALSE(still_valid_after([](Result& row) { EXPECT_EQ(row.int64(1, 0), 0); }));
  EXPECT_FALSE(still_valid_after([](Result& row) { EXPECT_EQ(row.int64(0, 4), 0); }));
  EXPECT_FALSE(still_valid_after([](Result& row) { EXPECT_EQ(row.int64(0, -1), 0); }));
  EXPECT_FALSE(still_valid_after([](Result& row) { EXPECT_EQ(row.int64(0, 1), 0); }));
  EXPECT_FALSE(still_valid_after([](Result& row) { EXPECT_EQ(row.int32(0, 0), 0); }));
  EXPECT_FALSE(still_valid_after([](Result& row) { EXPECT_EQ(row.int64(0, 3), 0); }));
  EXPECT_FALSE(still_valid_after([](Result& row) { EXPECT_FALSE(row.boolean(0, 2)); }));
  EXPECT_FALSE(still_valid_after([](Result& row) { EXPECT_EQ(row.bytes(0, 0), ""); }));
}

}  // namespace
