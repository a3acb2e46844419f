#include "formats/ffmpeg.h"

#include <algorithm>
#include <climits>
#include <cstring>
#include <mutex>
#include <new>
#include <vector>

#include "core/error.h"

namespace braid::formats::ffmpeg {
namespace {

// Codecs run on the calling thread, so that the last message here is about the call just made.
thread_local std::string t_message;

void keep_message(void*, int level, const char* format, va_list args) {
  if (level > AV_LOG_ERROR) return;
  char text[256];
  std::vsnprintf(text, sizeof(text), format, args);
  t_message.assign(text);
  while (!t_message.empty() && (t_message.back() == '\n' || t_message.back() == '.'))
    t_message.pop_back();
}

int refuse_to_open(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) {
  return AVERROR(EACCES);
}

// Demuxers that name other files, or hold one picture or letters drawn on a terminal.
bool holds_no_media(std::string_view demuxer) {
  for (std::string_view name : {"hls", "concat", "dash", "sdp", "rtsp", "rtp", "imf", "image2",
                                "tty", "bin", "xbin", "adf", "idf"})
    if (demuxer == name) return true;
  const std::string_view pipe = "_pipe";
  return demuxer.size() > pipe.size() && demuxer.substr(demuxer.size() - pipe.size()) == pipe;
}

template <class Handle>
Handle checked(Handle handle) {
  if (!handle) throw std::bad_alloc();
  return handle;
}

}  // namespace

void be_quiet() {
  static std::once_flag once;
  std::call_once(once, [] { av_log_set_callback(keep_message); });
}

std::string error_text(int code) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(code, text, sizeof(text));
  return t_message.empty() ? std::string(text) : fmt::format("{} ({})", text, t_message);
}

const std::string& last_message() { return t_message; }
void forget_message() { t_message.clear(); }

Frame make_frame() { return checked(Frame(av_frame_alloc())); }
Packet make_packet() { return checked(Packet(av_packet_alloc())); }

Packet make_packet(std::string_view bytes, const std::string& name) {
  const size_t limit = INT_MAX - AV_INPUT_BUFFER_PADDING_SIZE;
  BRAID_CHECK(bytes.size() <= limit, format, "{}: size: expected at most {} bytes, got {}", name,
              limit, bytes.size());
  Packet packet = make_packet();
  if (av_new_packet(packet.get(), static_cast<int>(bytes.size())) < 0) throw std::bad_alloc();
  std::copy(bytes.begin(), bytes.end(), packet->data);
  return packet;
}

CodecContext make_decoder(AVCodecID id, const std::string& name) {
  be_quiet();
  const AVCodec* codec = avcodec_find_decoder(id);
  BRAID_CHECK(codec != nullptr, usage, "{}: this FFmpeg was built without a decoder for {}", name,
              avcodec_get_name(id));
  CodecContext context = checked(CodecContext(avcodec_alloc_context3(codec)));
  context->thread_count = 1;
  context->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER | AV_EF_EXPLODE;
  return context;
}

CodecContext make_encoder(AVCodecID id, const std::string& name) {
  be_quiet();
  const AVCodec* codec = avcodec_find_encoder(id);
  BRAID_CHECK(codec != nullptr, usage, "{}: this FFmpeg was built without an encoder for {}", name,
              avcodec_get_name(id));
  CodecContext context = checked(CodecContext(avcodec_alloc_context3(codec)));
  context->thread_count = 1;
  return context;
}

void open(AVCodecContext* codec, const std::string& name) {
  forget_message();
  const char* kind = codec->codec->name;  // a failed avcodec_open2 takes codec->codec away
  const int code = avcodec_open2(codec, codec->codec, nullptr);
  BRAID_CHECK(code >= 0, format, "{}: {}: {}", name, kind, error_text(code));
}

MemoryInput::MemoryInput(std::string_view bytes, const std::string& name, const char* format,
                         int64_t max_pixels)
    : bytes_(bytes) {
  be_quiet();
  forget_message();
  const AVInputFormat* demuxer = format == nullptr ? nullptr : av_find_input_format(format);
  BRAID_CHECK(format == nullptr || demuxer != nullptr, usage,
              "{}: this FFmpeg was built without a reader for {}", name, format);
  constexpr int kBufferBytes = 1 << 15;
  AVFormatContext* raw = avformat_alloc_context();
  uint8_t* buffer = static_cast<uint8_t*>(av_malloc(kBufferBytes));
  if (raw == nullptr || buffer == nullptr) throw std::bad_alloc();
  io_ = avio_alloc_context(buffer, kBufferBytes, /*write_flag=*/0, this, &read, nullptr, &seek);
  if (io_ == nullptr) throw std::bad_alloc();
  int code = 0;
  if (format == nullptr) code = av_probe_input_buffer2(io_, &demuxer, "", nullptr, 0, 0);
  const bool is_refused = code >= 0 && format == nullptr && holds_no_media(demuxer->name);
  if (code >= 0 && !is_refused) {
    // Of sound that says it is PCM the first packet alone is searched for hidden DTS or the like,
    // not the first thousands again and again.
    if (format != nullptr) raw->max_probe_packets = 1;
    code = open(raw, demuxer, max_pixels);
  } else {
    avformat_free_context(raw);
  }
  if (code >= 0 && !is_refused) return;
  const std::string reason = is_refused ? "" : error_text(code);
  format_.reset();
  av_freep(&io_->buffer);
  avio_context_free(&io_);
  BRAID_CHECK(!is_refused, format,
              "{}: expected a container of video or sound, got {}; give the media file itself",
              name, demuxer->name);
  fail(ErrorKind::format, "{}: {}: {}; is the file complete?", name,
       demuxer != nullptr ? demuxer->name : "container", reason);
}

int MemoryInput::open(AVFormatContext* raw, const AVInputFormat* demuxer, int64_t max_pixels) {
  raw->pb = io_;
  raw->io_open = refuse_to_open;
  raw->protocol_whitelist = av_strdup("none");  // what a demuxer's own sub-demuxers inherit
  raw->flags |= AVFMT_FLAG_CUSTOM_IO;
  // On failure avformat_open_input frees `raw`, but never a caller's io context.
  const int code = avformat_open_input(&raw, nullptr, demuxer, nullptr);
  if (code < 0) return code;
  format_.reset(raw);
  if (max_pixels == 0) return avformat_find_stream_info(raw, nullptr);
  const unsigned num_streams = raw->nb_streams;  // some demuxers find more of them on the way
  std::vector<AVDictionary*> options(num_streams, nullptr);
  for (AVDictionary*& option : options) av_dict_set_int(&option, "max_pixels", max_pixels, 0);
  const int found = avformat_find_stream_info(raw, num_streams == 0 ? nullptr : options.data());
  for (AVDictionary*& option : options) av_dict_free(&option);
  return found;
}

MemoryInput::~MemoryInput() {
  format_.reset();
  // The buffer may have been replaced by the demuxer, so it is freed through the context.
  av_freep(&io_->buffer);
  avio_context_free(&io_);
}

int MemoryInput::read(void* self, uint8_t* out, int size) {
  MemoryInput& input = *static_cast<MemoryInput*>(self);
  const int64_t left = static_cast<int64_t>(input.bytes_.size()) - input.position_;
  const int64_t count = std::min<int64_t>(size, left);
  if (count <= 0) return AVERROR_EOF;
  std::memcpy(out, input.bytes_.data() + input.position_, static_cast<size_t>(count));
  input.position_ += count;
  return static_cast<int>(count);
}

int64_t MemoryInput::seek(void* self, int64_t offset, int whence) {
  MemoryInput& input = *static_cast<MemoryInput*>(self);
  const int64_t size = static_cast<int64_t>(input.bytes_.size());
  int64_t target = offset;
  switch (whence & ~AVSEEK_FORCE) {
    case AVSEEK_SIZE:
      return size;
    case SEEK_SET:
      break;
    case SEEK_CUR:
      target += input.position_;
      break;
    case SEEK_END:
      target += size;
      break;
    default:
      return AVERROR(EINVAL);
  }
  if (target < 0 || target > size) return AVERROR(EINVAL);
  return input.position_ = target;
}

}  // namespace braid::formats::ffmpeg
