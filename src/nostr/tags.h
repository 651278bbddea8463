#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nostr {

class Tags;

/// One tag: a view of its strings (unescaped UTF-8), valid as long as the Tags it came from.
class Tag {
 public:
  [[nodiscard]] std::size_t size() const { return count_; }
  /// The i-th string; "" when the tag is shorter, so `tag[0] == "p"` is always safe.
  [[nodiscard]] std::string_view operator[](std::size_t i) const;
  [[nodiscard]] std::string_view name() const { return (*this)[0]; }
  /// The first value, the only one that filters look at (NIP-01).
  [[nodiscard]] std::string_view value() const { return (*this)[1]; }
  /// The letter a filter can ask for (a-z, A-Z) when the tag has a one-letter name and a value, else 0.
  [[nodiscard]] char indexed_letter() const;

 private:
  friend class Tags;
  Tag(const Tags& tags, std::uint32_t first, std::uint32_t count)
      : tags_(&tags), first_(first), count_(count) {}
  const Tags* tags_;
  std::uint32_t first_, count_;
};

/// The tags of one event, flat: all strings in one buffer. A value; built once by the parser.
class Tags {
 public:
  class Iterator {
   public:
    Iterator(const Tags& tags, std::size_t index) : tags_(&tags), index_(index) {}
    Tag operator*() const { return (*tags_)[index_]; }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    bool operator==(const Iterator& other) const { return index_ == other.index_; }

   private:
    const Tags* tags_;
    std::size_t index_;
  };

  void begin_tag() { tag_starts_.push_back(static_cast<std::uint32_t>(string_ends_.size())); }
  void add_string(std::string_view text) {
    text_ += text;
    string_ends_.push_back(static_cast<std::uint32_t>(text_.size()));
  }

  [[nodiscard]] std::size_t size() const { return tag_starts_.size(); }
  [[nodiscard]] Tag operator[](std::size_t i) const;
  [[nodiscard]] Iterator begin() const { return {*this, 0}; }
  [[nodiscard]] Iterator end() const { return {*this, size()}; }

  /// How many tags bear this name: tags are counted, not their values.
  [[nodiscard]] std::size_t count(std::string_view name) const;
  /// The first value of the first tag of this name ("" if the tag has none); nullopt without such a tag.
  [[nodiscard]] std::optional<std::string_view> first(std::string_view name) const;

 private:
  friend class Tag;
  std::string text_;
  std::vector<std::uint32_t> string_ends_;  // end of each string in text_
  std::vector<std::uint32_t> tag_starts_;   // first string of each tag
};

}  // namespace nostr
