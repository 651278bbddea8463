#include "store/postgres/values.h"

#include <bit>
#include <charconv>
#include <cstring>

namespace store::postgres {
namespace {

// Numbers are big-endian on the wire.
template <std::integral T>
T swapped(T value) {
  if constexpr (std::endian::native == std::endian::little && sizeof(T) > 1)
    return std::byteswap(value);
  return value;
}

template <std::integral T>
void put(std::string& out, T value) {
  const T big = swapped(value);
  out.append(reinterpret_cast<const char*>(&big), sizeof big);
}

template <std::integral T>
T get(std::string_view bytes) {
  T big;
  std::memcpy(&big, bytes.data(), sizeof big);
  return swapped(big);
}

void put_at(std::string& out, std::size_t place, std::int32_t value) {
  const std::int32_t big = swapped(value);
  out.replace(place, sizeof big, reinterpret_cast<const char*>(&big), sizeof big);
}

Type element_of(Type array) {
  switch (array) {
    case Type::bytea_array:
      return Type::bytea;
    case Type::int2_array:
      return Type::int2;
    case Type::int4_array:
      return Type::int4;
    case Type::int8_array:
      return Type::int8;
    default:
      return Type::text;
  }
}

// An array begins with dimensions, "has NULLs" and the type of its elements; then come size and
// lower bound of its one dimension. An empty one has no dimension.
constexpr std::size_t nulls_at = 4, size_at = 12, empty_head = 12;

}  // namespace

Params& Params::add(bool value) {
  const std::size_t begin = bytes_.size();
  put(bytes_, static_cast<char>(value));
  return finish(Type::boolean, begin);
}

Params& Params::add(std::int16_t value) {
  const std::size_t begin = bytes_.size();
  put(bytes_, value);
  return finish(Type::int2, begin);
}

Params& Params::add(std::int32_t value) {
  const std::size_t begin = bytes_.size();
  put(bytes_, value);
  return finish(Type::int4, begin);
}

Params& Params::add(std::int64_t value) {
  const std::size_t begin = bytes_.size();
  put(bytes_, value);
  return finish(Type::int8, begin);
}

Params& Params::add_bytes(std::string_view value) {
  const std::size_t begin = bytes_.size();
  bytes_.append(value);
  return finish(Type::bytea, begin);
}

Params& Params::add_text(std::string_view value) {
  const std::size_t begin = bytes_.size();
  bytes_.append(value);
  return finish(Type::text, begin);
}

Params& Params::add_null(Type type) { return finish(type, no_place); }

std::size_t Params::begin_array(Type type) {
  const std::size_t begin = bytes_.size();
  for (const std::int32_t number : {1, 0, static_cast<std::int32_t>(element_of(type)), 0, 1})
    put(bytes_, number);
  return begin;
}

void Params::count_element(std::size_t array) {
  const auto size = get<std::int32_t>(std::string_view(bytes_).substr(array + size_at));
  put_at(bytes_, array + size_at, size + 1);
}

void Params::element(std::size_t array, std::int16_t value) {
  count_element(array);
  put(bytes_, std::int32_t{sizeof value});
  put(bytes_, value);
}

void Params::element(std::size_t array, std::int32_t value) {
  count_element(array);
  put(bytes_, std::int32_t{sizeof value});
  put(bytes_, value);
}

void Params::element(std::size_t array, std::int64_t value) {
  count_element(array);
  put(bytes_, std::int32_t{sizeof value});
  put(bytes_, value);
}

void Params::element(std::size_t array, std::string_view value) {
  count_element(array);
  put(bytes_, static_cast<std::int32_t>(value.size()));
  bytes_.append(value);
}

void Params::null_element(std::size_t array) {
  count_element(array);
  put_at(bytes_, array + nulls_at, 1);
  put(bytes_, std::int32_t{-1});
}

void Params::end_array(std::size_t begin) {
  if (get<std::int32_t>(std::string_view(bytes_).substr(begin + size_at)) != 0) return;
  bytes_.resize(begin + empty_head);
  put_at(bytes_, begin, 0);
}

Params& Params::finish(Type type, std::size_t begin) {
  const bool null = begin == no_place;
  places_.push_back(begin);
  lengths_.push_back(null ? 0 : static_cast<int>(bytes_.size() - begin));
  types_.push_back(static_cast<Oid>(type));
  return *this;
}

std::vector<const char*> Params::values() const {
  std::vector<const char*> pointers;
  pointers.reserve(places_.size());
  for (const std::size_t place : places_)
    pointers.push_back(place == no_place ? nullptr : bytes_.data() + place);
  return pointers;
}

std::size_t Result::rows() const { return static_cast<std::size_t>(PQntuples(result_.get())); }

std::uint64_t Result::affected() const {
  const std::string_view digits = PQcmdTuples(result_.get());
  std::uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

bool Result::has(std::size_t row, int column) const {
  return row < rows() && column >= 0 && column < PQnfields(result_.get());
}

bool Result::is_null(std::size_t row, int column) const {
  return !has(row, column) || PQgetisnull(result_.get(), static_cast<int>(row), column) != 0;
}

// REQUIRES: has(row, column).
std::string_view Result::raw(std::size_t row, int column) const {
  const int at = static_cast<int>(row);
  return {PQgetvalue(result_.get(), at, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), at, column))};
}

std::optional<std::string_view> Result::of_type(std::size_t row, int column,
                                                std::initializer_list<Type> types) {
  if (!is_null(row, column) && PQfformat(result_.get(), column) == 1)
    for (const Type type : types)
      if (PQftype(result_.get(), column) == static_cast<Oid>(type)) return raw(row, column);
  valid_ = false;
  return std::nullopt;
}

template <typename T>
T Result::number(std::size_t row, int column, Type type) {
  const auto bytes = of_type(row, column, {type});
  if (bytes && bytes->size() == sizeof(T)) return get<T>(*bytes);
  valid_ = false;
  return 0;
}

bool Result::boolean(std::size_t row, int column) {
  return number<char>(row, column, Type::boolean) != 0;
}
std::int16_t Result::int16(std::size_t row, int column) {
  return number<std::int16_t>(row, column, Type::int2);
}
std::int32_t Result::int32(std::size_t row, int column) {
  return number<std::int32_t>(row, column, Type::int4);
}
std::int64_t Result::int64(std::size_t row, int column) {
  return number<std::int64_t>(row, column, Type::int8);
}

std::string_view Result::bytes(std::size_t row, int column) {
  return of_type(row, column, {Type::bytea, Type::text}).value_or("");
}

}  // namespace store::postgres
