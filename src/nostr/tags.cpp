#include "nostr/tags.h"

namespace nostr {

std::string_view Tag::operator[](std::size_t i) const {
  if (i >= count_) return {};
  const std::size_t string = first_ + i;
  const std::size_t begin = string == 0 ? 0 : tags_->string_ends_[string - 1];
  return std::string_view(tags_->text_).substr(begin, tags_->string_ends_[string] - begin);
}

char Tag::indexed_letter() const {
  if (size() < 2 || name().size() != 1) return 0;
  const char letter = name()[0];
  const bool is_letter = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
  return is_letter ? letter : '\0';
}

Tag Tags::operator[](std::size_t i) const {
  const std::uint32_t first = tag_starts_[i];
  const auto end = i + 1 < tag_starts_.size() ? tag_starts_[i + 1]
                                              : static_cast<std::uint32_t>(string_ends_.size());
  return {*this, first, end - first};
}

std::size_t Tags::count(std::string_view name) const {
  std::size_t count = 0;
  for (const Tag tag : *this) count += tag.size() > 0 && tag.name() == name;
  return count;
}

std::optional<std::string_view> Tags::first(std::string_view name) const {
  for (const Tag tag : *this)
    if (tag.size() > 0 && tag.name() == name) return tag.value();
  return std::nullopt;
}

}  // namespace nostr
