#pragma once
// The files of web/dist, which Vite builds, as the build put them into the binary (cmake/web_files.cmake).
#include <string_view>
#include <vector>

namespace app {

struct WebFile {
  std::string_view path;     ///< below web/dist: "index.html", "assets/index-1a2b3c.js"
  std::string_view content;  ///< lives as long as the program
  std::string_view gzip;     ///< the same, compressed; empty where that is not worth it
};

/// None when web/dist was not there at the time of the build.
[[nodiscard]] std::vector<WebFile> web_files();

}  // namespace app
