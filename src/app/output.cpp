#include "app/output.h"

#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <cerrno>
#include <new>

namespace app {
namespace {

constexpr std::size_t block_bytes = std::size_t{64} * 1024;

class Plain final : public Output {
  void pack(std::string_view bytes, bool, std::string& out) override { out += bytes; }
};

class Gzip final : public Output {
 public:
  Gzip() {
    constexpr int gzip_header = 15 + 16;
    if (deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_header, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::bad_alloc();
  }
  ~Gzip() override { deflateEnd(&stream_); }

 private:
  void pack(std::string_view bytes, bool last, std::string& out) override {
    std::array<char, block_bytes> room;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(room.data());
      stream_.avail_out = static_cast<uInt>(room.size());
      deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH);
      out.append(room.data(), room.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }

  z_stream stream_{};
};

class Zstd final : public Output {
 public:
  Zstd() : stream_(ZSTD_createCStream(), ZSTD_freeCStream) {
    if (!stream_) throw std::bad_alloc();
  }

 private:
  void pack(std::string_view bytes, bool last, std::string& out) override {
    std::array<char, block_bytes> room;
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    std::size_t left = 0;
    do {
      ZSTD_outBuffer block{room.data(), room.size(), 0};
      left = ZSTD_compressStream2(stream_.get(), &block, &in, last ? ZSTD_e_end : ZSTD_e_continue);
      out.append(room.data(), block.pos);
    } while (last ? left > 0 : in.pos < in.size);
  }

  std::unique_ptr<ZSTD_CStream, decltype(&ZSTD_freeCStream)> stream_;
};

/// 0 or the system's number of the error.
int write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return errno;
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace

std::unique_ptr<Output> Output::to_stdout(Packing packing) {
  switch (packing) {
    case Packing::gzip:
      return std::make_unique<Gzip>();
    case Packing::zstd:
      return std::make_unique<Zstd>();
    case Packing::none:
      break;
  }
  return std::make_unique<Plain>();
}

void Output::write(std::string_view bytes) {
  if (failed()) return;
  plain_ += bytes;
  if (plain_.size() >= block_bytes) flush(false);
}

void Output::flush(bool last) {
  packed_.clear();
  pack(plain_, last, packed_);
  plain_.clear();
  error_ = write_all(packed_);
}

std::expected<void, int> Output::finish() {
  if (!failed()) flush(true);
  if (failed()) return std::unexpected(error_);
  return {};
}

}  // namespace app
