#pragma once
// What goes to PostgreSQL and what comes back, in its binary format (PostgreSQL 15, chapters 34.3
// and 55.7; arrays as in array_send). Nothing here waits or talks to a server.
#include <libpq-fe.h>

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace store::postgres {

/// The types that cross the wire, by their Oid in every database (catalog/pg_type.dat).
enum class Type : Oid {
  boolean = 16,
  bytea = 17,
  int8 = 20,
  int2 = 21,
  int4 = 23,
  text = 25,
  bytea_array = 1001,
  int2_array = 1005,
  int4_array = 1007,
  text_array = 1009,
  int8_array = 1016,
};

template <typename R, typename T>
concept RangeOf =
    std::ranges::input_range<R> && std::convertible_to<std::ranges::range_reference_t<R>, T>;

/// The parameters of one statement, $1 first. Copies what it is given. A plain value: not for
/// several threads at once. Text is UTF-8 without zero bytes; the server refuses anything else.
class Params {
 public:
  Params& add(bool value);
  Params& add(std::int16_t value);
  Params& add(std::int32_t value);
  Params& add(std::int64_t value);
  Params& add_bytes(std::string_view value);
  Params& add_text(std::string_view value);
  Params& add_null(Type type);

  Params& add_int2s(std::span<const std::int16_t> values) {
    return array(Type::int2_array, values);
  }
  Params& add_int4s(std::span<const std::int32_t> values) {
    return array(Type::int4_array, values);
  }
  Params& add_int8s(std::span<const std::int64_t> values) {
    return array(Type::int8_array, values);
  }
  Params& add_int8s(std::span<const std::optional<std::int64_t>> values) {
    return array(Type::int8_array, values);
  }
  /// Any range of views or strings; of optional ones nullopt is NULL.
  template <RangeOf<std::string_view> R>
  Params& add_byteas(R&& values) {
    return array(Type::bytea_array, values);
  }
  Params& add_byteas(std::span<const std::optional<std::string_view>> values) {
    return array(Type::bytea_array, values);
  }
  template <RangeOf<std::string_view> R>
  Params& add_texts(R&& values) {
    return array(Type::text_array, values);
  }

  // As libpq wants them; the pointers hold until the next change.
  [[nodiscard]] const std::vector<Oid>& types() const { return types_; }
  [[nodiscard]] std::vector<const char*> values() const;
  [[nodiscard]] const std::vector<int>& lengths() const { return lengths_; }
  [[nodiscard]] std::size_t count() const { return types_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_.size(); }

 private:
  static constexpr std::size_t no_place = static_cast<std::size_t>(-1);  // of a NULL

  template <typename R>
  Params& array(Type type, R&& values) {
    const std::size_t begin = begin_array(type);
    for (auto&& value : values) element(begin, value);
    end_array(begin);
    return finish(type, begin);
  }
  std::size_t begin_array(Type type);
  void element(std::size_t array, std::int16_t value);
  void element(std::size_t array, std::int32_t value);
  void element(std::size_t array, std::int64_t value);
  void element(std::size_t array, std::string_view value);
  template <typename T>
  void element(std::size_t array, const std::optional<T>& value) {
    value ? element(array, *value) : null_element(array);
  }
  void null_element(std::size_t array);
  void count_element(std::size_t array);
  void end_array(std::size_t begin);
  Params& finish(Type type, std::size_t begin);

  std::string bytes_;                // all values, one behind the other
  std::vector<std::size_t> places_;  // where each begins in bytes_
  std::vector<int> lengths_;
  std::vector<Oid> types_;
};

/// The rows of one statement. Moves, owns what libpq allocated; not for several threads at once.
///
/// Reading fails closed: a value that is not there (outside, or NULL) or not of the type asked for
/// reads as 0 or empty, and from then on valid() is false. So a reader takes all it wants and looks
/// once, at the end.
class Result {
 public:
  /// REQUIRES: in binary format.
  explicit Result(PGresult* owned) : result_(owned) {}

  [[nodiscard]] std::size_t rows() const;
  /// Of a statement that writes: how many rows it changed.
  [[nodiscard]] std::uint64_t affected() const;
  /// True outside as well.
  [[nodiscard]] bool is_null(std::size_t row, int column) const;

  [[nodiscard]] bool boolean(std::size_t row, int column);
  [[nodiscard]] std::int16_t int16(std::size_t row, int column);
  [[nodiscard]] std::int32_t int32(std::size_t row, int column);
  [[nodiscard]] std::int64_t int64(std::size_t row, int column);
  /// A bytea or text; the view lives as long as this.
  [[nodiscard]] std::string_view bytes(std::size_t row, int column);

  [[nodiscard]] bool valid() const { return valid_; }

 private:
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };

  [[nodiscard]] bool has(std::size_t row, int column) const;
  [[nodiscard]] std::string_view raw(std::size_t row, int column) const;
  /// The bytes of a value of one of those types, or nullopt, marked.
  [[nodiscard]] std::optional<std::string_view> of_type(std::size_t row, int column,
                                                        std::initializer_list<Type> types);
  template <typename T>
  [[nodiscard]] T number(std::size_t row, int column, Type type);

  std::unique_ptr<PGresult, Clear> result_;
  bool valid_ = true;
};

}  // namespace store::postgres
