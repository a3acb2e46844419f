#include "formats/container.h"

#include <algorithm>

#include "core/error.h"

namespace braid::formats {
namespace {

// A larger picture is not looked into, and its track then has no size.
constexpr int64_t kProbedPixels = 64 * 1024 * 1024;
constexpr AVRational kNanoseconds = {1, 1000000000};

AVStream* best(AVFormatContext* format, AVMediaType type) {
  const int index = av_find_best_stream(format, type, -1, -1, nullptr, 0);
  if (index < 0) return nullptr;
  AVStream* track = format->streams[index];
  return track->disposition & AV_DISPOSITION_ATTACHED_PIC ? nullptr : track;
}

int64_t start_ns(const AVStream* track, int64_t otherwise) {
  if (track == nullptr || track->start_time == AV_NOPTS_VALUE) return otherwise;
  return av_rescale_q(track->start_time, track->time_base, kNanoseconds);
}

}  // namespace

Container::Container(std::string_view bytes, const std::string& name, int64_t max_pixels)
    : name_(name), input_(bytes, name, nullptr, std::max(max_pixels, kProbedPixels)) {
  video_ = best(get(), AVMEDIA_TYPE_VIDEO);
  audio_ = best(get(), AVMEDIA_TYPE_AUDIO);
  const int64_t video_ns = start_ns(video_, INT64_MAX), audio_ns = start_ns(audio_, INT64_MAX);
  zero_ns_ = std::min(video_ns, audio_ns);
  if (zero_ns_ == INT64_MAX) zero_ns_ = 0;
}

AVStream* Container::choose(AVStream* track, const char* wanted, const char* other) {
  BRAID_CHECK(track != nullptr, format,
              "{}: expected {}, got {}; name a file that has one, or leave the cell empty", name_,
              wanted, other);
  for (unsigned i = 0; i < get()->nb_streams; ++i)
    if (get()->streams[i] != track) get()->streams[i]->discard = AVDISCARD_ALL;
  return track;
}

AVStream* Container::choose_video() {
  return choose(video_, "a video track",
                audio_ != nullptr ? "audio only" : "neither video nor audio");
}

AVStream* Container::choose_audio() {
  return choose(audio_, "an audio track",
                video_ != nullptr ? "video only" : "neither video nor audio");
}

int64_t Container::time_ns(const AVStream& track, int64_t timestamp) const {
  const int64_t ns = av_rescale_q(timestamp, track.time_base, kNanoseconds);
  int64_t relative = 0;
  return __builtin_sub_overflow(ns, zero_ns_, &relative) ? INT64_MAX : relative;
}

}  // namespace braid::formats
