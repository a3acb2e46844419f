#include "formats/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "core/error.h"

namespace braid::formats {
namespace {

constexpr size_t kPiece = size_t{1} << 20;

/// A gzip file may hold several streams, one after the other; together they are one text.
class Inflater {
 public:
  Inflater(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {
    // 16: the gzip format alone; 15: its largest window.
    const int code = inflateInit2(&stream_, 16 + 15);
    BRAID_CHECK(code == Z_OK, internal, "{}: zlib does not start (code {})", name, code);
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  bool is_done() const { return is_done_; }

  /// Fills `target` as far as the streams reach.
  size_t read(char* target, size_t count) {
    size_t filled = 0;
    while (filled < count && !is_done_) filled += step(target + filled, count - filled);
    return filled;
  }

 private:
  size_t step(char* target, size_t count) {
    const uInt room = static_cast<uInt>(std::min<size_t>(count, kPiece));
    const uInt given = static_cast<uInt>(std::min<size_t>(bytes_.size() - offset_, kPiece));
    stream_.next_in =
        reinterpret_cast<Bytef*>(const_cast<char*>(bytes_.data() + offset_));  // only read
    stream_.avail_in = given;
    stream_.next_out = reinterpret_cast<Bytef*>(target);
    stream_.avail_out = room;
    const int code = inflate(&stream_, Z_NO_FLUSH);
    offset_ += given - stream_.avail_in;
    const size_t written = room - stream_.avail_out;
    if (code == Z_STREAM_END) {
      is_done_ = !is_gzip(bytes_.substr(offset_));
      if (!is_done_) inflateReset(&stream_);
    } else if (code == Z_BUF_ERROR || (code == Z_OK && written == 0)) {
      BRAID_CHECK(offset_ < bytes_.size(), format,
                  "{}: byte {}: gzip: expected more bytes, got the end; is the file complete?",
                  name_, offset_);
    } else {
      BRAID_CHECK(code == Z_OK, format, "{}: byte {}: gzip: expected compressed bytes, got {}",
                  name_, offset_, stream_.msg ? stream_.msg : "damaged ones");
    }
    return written;
  }

  std::string_view bytes_;
  const std::string& name_;
  z_stream stream_ = {};
  size_t offset_ = 0;
  bool is_done_ = false;
};

}  // namespace

bool is_gzip(std::string_view bytes) { return bytes.substr(0, 2) == "\x1F\x8B"; }

std::string gunzip_front(std::string_view bytes, uint64_t count, const std::string& name) {
  BRAID_CHECK(is_gzip(bytes), format, "{}: byte 0: expected a gzip file, got other bytes", name);
  Inflater inflater(bytes, name);
  std::string front;
  while (front.size() < count && !inflater.is_done()) {
    const size_t before = front.size();
    front.resize(before + std::min<uint64_t>(count - before, std::max(kPiece, before)));
    front.resize(before + inflater.read(front.data() + before, front.size() - before));
  }
  if (!inflater.is_done()) {
    std::string rest(kPiece, '\0');
    inflater.read(rest.data(), rest.size());
  }
  return front;
}

}  // namespace braid::formats
