#include "app/input.h"

#include <fmt/format.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <string_view>
#include <vector>

namespace app {
namespace {

using Count = std::expected<std::size_t, std::string>;

/// The bytes as they come, with a look at the first ones.
class Raw {
 public:
  explicit Raw(int fd) : fd_(fd), buffer_(std::size_t{128} * 1024) {}

  [[nodiscard]] std::string_view left() const { return {buffer_.data() + begin_, end_ - begin_}; }
  void consume(std::size_t bytes) { begin_ += bytes; }

  /// Reads until `wanted` bytes are there or the input ends; wanted <= 64 KiB.
  [[nodiscard]] std::expected<void, std::string> fill(std::size_t wanted = 1) {
    if (begin_ == end_) begin_ = end_ = 0;
    while (end_ - begin_ < wanted && end_ < buffer_.size()) {
      const ssize_t got = ::read(fd_, buffer_.data() + end_, buffer_.size() - end_);
      if (got < 0 && errno != EINTR)
        return std::unexpected(fmt::format("cannot be read: {}", std::strerror(errno)));
      if (got == 0) break;
      if (got > 0) end_ += static_cast<std::size_t>(got);
    }
    return {};
  }

 private:
  int fd_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;
};

class Plain final : public Input {
 public:
  explicit Plain(Raw raw) : raw_(std::move(raw)) {}
  Count read(std::span<char> out) override {
    if (auto filled = raw_.fill(); !filled) return std::unexpected(filled.error());
    const std::size_t bytes = raw_.left().copy(out.data(), out.size());
    raw_.consume(bytes);
    return bytes;
  }

 private:
  Raw raw_;
};

class Gzip final : public Input {
 public:
  explicit Gzip(Raw raw) : raw_(std::move(raw)) {
    constexpr int gzip_header = 15 + 16;
    if (inflateInit2(&stream_, gzip_header) != Z_OK) throw std::bad_alloc();
  }
  ~Gzip() override { inflateEnd(&stream_); }

  Count read(std::span<char> out) override {
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    while (stream_.avail_out == out.size()) {
      if (auto filled = raw_.fill(); !filled) return std::unexpected(filled.error());
      if (raw_.left().empty()) {
        if (between_members_) return 0;
        return std::unexpected("ends in the middle of its gzip stream");
      }
      if (auto stepped = step(); !stepped) return std::unexpected(stepped.error());
    }
    return out.size() - stream_.avail_out;
  }

 private:
  std::expected<void, std::string> step() {
    const std::string_view in = raw_.left();
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = static_cast<uInt>(in.size());
    const int rc = inflate(&stream_, Z_NO_FLUSH);
    raw_.consume(in.size() - stream_.avail_in);
    if (rc != Z_OK && rc != Z_STREAM_END) return std::unexpected("is no sound gzip stream");
    between_members_ = rc == Z_STREAM_END;  // `cat a.gz b.gz` makes several
    if (between_members_) inflateReset(&stream_);
    return {};
  }

  Raw raw_;
  z_stream stream_{};
  bool between_members_ = false;
};

class Zstd final : public Input {
 public:
  explicit Zstd(Raw raw) : raw_(std::move(raw)), stream_(ZSTD_createDStream(), ZSTD_freeDStream) {
    if (!stream_) throw std::bad_alloc();
  }

  Count read(std::span<char> out) override {
    ZSTD_outBuffer block{out.data(), out.size(), 0};
    while (block.pos == 0) {
      if (auto filled = raw_.fill(); !filled) return std::unexpected(filled.error());
      const std::string_view bytes = raw_.left();
      if (bytes.empty() && between_frames_) return 0;
      ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
      const std::size_t rc = ZSTD_decompressStream(stream_.get(), &block, &in);
      raw_.consume(in.pos);
      if (ZSTD_isError(rc)) return std::unexpected("is no sound zstd stream");
      between_frames_ = rc == 0;
      if (bytes.empty() && block.pos == 0 && !between_frames_)
        return std::unexpected("ends in the middle of its zstd stream");
    }
    return block.pos;
  }

 private:
  Raw raw_;
  std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream_;
  bool between_frames_ = false;
};

}  // namespace

std::expected<std::unique_ptr<Input>, std::string> Input::from(int fd) {
  Raw raw(fd);
  if (auto filled = raw.fill(4); !filled) return std::unexpected(filled.error());
  if (raw.left().starts_with("\x1f\x8b")) return std::make_unique<Gzip>(std::move(raw));
  if (raw.left().starts_with("\x28\xb5\x2f\xfd")) return std::make_unique<Zstd>(std::move(raw));
  return std::make_unique<Plain>(std::move(raw));
}

}  // namespace app
