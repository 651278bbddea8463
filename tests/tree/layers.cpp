#include "tree/layers.h"

#include <algorithm>

const Layer* layer_of(std::string_view path) {
  const Layer* found = nullptr;
  for (const Layer& layer : layers) {
    const bool below = path.starts_with(layer.folder) && path.size() > layer.folder.size() &&
                       path[layer.folder.size()] == '/';
    if (below && (!found || layer.folder.size() > found->folder.size())) found = &layer;
  }
  return found;
}

std::optional<std::string> wrong_include(std::string_view file, std::string_view header) {
  const Layer* from = layer_of(file);
  if (!from) return "the file is in no layer: add its folder to tests/tree/layers.h";
  const Layer* to = layer_of(header);
  if (!to) return std::string(header) + " is in no layer: write the path from src/";
  const auto allowed = [&](std::string_view entry) {
    return entry == "*" || entry == to->folder || entry == header;
  };
  if (from == to || std::ranges::any_of(from->may_include, allowed)) return std::nullopt;
  return std::string(from->folder) + " may not include " + std::string(header);
}
