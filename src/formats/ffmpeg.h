// Owning handles and error texts for FFmpeg's C structures. Internal to src/formats.
#pragma once
extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
}
#include <memory>
#include <string>
#include <string_view>

namespace braid::formats::ffmpeg {

struct Free {
  void operator()(AVCodecContext* p) const { avcodec_free_context(&p); }
  void operator()(AVFrame* p) const { av_frame_free(&p); }
  void operator()(AVPacket* p) const { av_packet_free(&p); }
  void operator()(AVFormatContext* p) const { avformat_close_input(&p); }
  void operator()(SwsContext* p) const { sws_freeContext(p); }
  void operator()(SwrContext* p) const { swr_free(&p); }
};
using CodecContext = std::unique_ptr<AVCodecContext, Free>;
using Frame = std::unique_ptr<AVFrame, Free>;
using Packet = std::unique_ptr<AVPacket, Free>;
using FormatContext = std::unique_ptr<AVFormatContext, Free>;
using Scaler = std::unique_ptr<SwsContext, Free>;
using Resampler = std::unique_ptr<SwrContext, Free>;

/// Keeps FFmpeg from printing: from now on its messages are kept, one per thread, for error_text().
/// Every function here that makes a handle calls it. Cheap after the first time.
void be_quiet();

/// FFmpeg's words for an error code, with the last error message of this thread: "Invalid data
/// found when processing input (inflate returned error -3)".
std::string error_text(int code);
/// The last error message of this thread since forget_message(), or "".
const std::string& last_message();
void forget_message();

Frame make_frame();
Packet make_packet();
/// A packet with a copy of the bytes. Errors: format, above 2^31 bytes.
Packet make_packet(std::string_view bytes, const std::string& name);

/// A decoder for `id` on one thread (callers run many workers), strict about damaged data; not yet
/// opened. Errors: usage, when this FFmpeg was built without it.
CodecContext make_decoder(AVCodecID id, const std::string& name);
CodecContext make_encoder(AVCodecID id, const std::string& name);
/// Errors: format, with FFmpeg's reason.
void open(AVCodecContext* codec, const std::string& name);

/// A demuxer that reads from memory and can open nothing else: no files, playlists or network.
class MemoryInput {
 public:
  /// `format` is the demuxer's name, or nullptr: recognised by content, and then a playlist or a
  /// single picture is refused. `max_pixels` bounds the pictures decoded to look into the streams
  /// that the header names. `bytes` must outlive the object. Errors: format.
  MemoryInput(std::string_view bytes, const std::string& name, const char* format,
              int64_t max_pixels = 0);
  ~MemoryInput();
  MemoryInput(const MemoryInput&) = delete;
  MemoryInput& operator=(const MemoryInput&) = delete;
  AVFormatContext* get() const { return format_.get(); }

 private:
  static int read(void* self, uint8_t* out, int size);
  static int64_t seek(void* self, int64_t offset, int whence);
  int open(AVFormatContext* raw, const AVInputFormat* demuxer, int64_t max_pixels);
  std::string_view bytes_;
  int64_t position_ = 0;
  AVIOContext* io_ = nullptr;
  FormatContext format_;
};

}  // namespace braid::formats::ffmpeg
