#include "inflater.h"

#include <zlib.h>

#include <algorithm>

namespace bench {

Inflater::Inflater() : stream_(std::make_unique<z_stream>()) {
  ::inflateInit2(stream_.get(), -MAX_WBITS);
}

Inflater::~Inflater() { ::inflateEnd(stream_.get()); }

std::string_view Inflater::inflate(std::string_view payload) {
  auto& stream = *stream_;
  ::inflateReset(&stream);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(payload.data()));
  stream.avail_in = static_cast<uInt>(payload.size());
  std::size_t size = 0;
  int result = Z_OK;
  do {
    if (size == text_.size()) text_.resize(std::max<std::size_t>(4096, 2 * size));
    stream.next_out = reinterpret_cast<Bytef*>(text_.data() + size);
    stream.avail_out = static_cast<uInt>(text_.size() - size);
    result = ::inflate(&stream, Z_SYNC_FLUSH);
    size = text_.size() - stream.avail_out;
  } while (result == Z_OK && stream.avail_out == 0);
  if (result != Z_OK && result != Z_BUF_ERROR) return {};
  return std::string_view(text_).substr(0, size);
}

}  // namespace bench
