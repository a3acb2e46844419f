#include "formats/dcmtk_stream.h"

#include <dcmtk/dcmjpeg/djdecode.h>
#include <dcmtk/dcmjpls/djdecode.h>
#include <dcmtk/oflog/appender.h>
#include <dcmtk/oflog/oflog.h>
#include <dcmtk/oflog/spi/filter.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <mutex>

namespace braid::formats {
namespace {

namespace log = dcmtk::log4cplus;

constexpr std::ptrdiff_t kMostStackBytes = 1 << 19;

const char* stack_here() { return static_cast<const char*>(__builtin_frame_address(0)); }

thread_local bool is_quiet = false;

/// Drops what a thread says while it is quiet, before any other filter is asked.
class QuietFilter : public log::spi::Filter {
 public:
  log::spi::FilterResult decide(const log::spi::InternalLoggingEvent&) const override {
    return is_quiet ? log::spi::DENY : log::spi::NEUTRAL;
  }
};

/// DCMTK's log begins with one appender at its root, to stderr. A program that configures the log
/// anew replaces that, and then hears what it asked for.
void install_filter() {
  OFLog::getLogger("dcmtk");  // the default configuration happens here at the latest
  for (log::SharedAppenderPtr& appender : log::Logger::getRoot().getAllAppenders()) {
    log::spi::FilterPtr filter(new QuietFilter());
    filter->next = appender->getFilter();
    appender->setFilter(filter);
  }
}

/// Streams over the bytes from one place on.
class MemoryFactory : public DcmInputStreamFactory {
 public:
  explicit MemoryFactory(std::string_view bytes) : bytes_(bytes) {}
  DcmInputStream* create() const override { return new MemoryStream(bytes_); }
  DcmInputStreamFactory* clone() const override { return new MemoryFactory(bytes_); }
  // DCMTK knows files alone; it asks only when it writes over one.
  DcmInputStreamFactoryType ident() const override { return DFT_DcmInputTempFileStreamFactory; }

 private:
  std::string_view bytes_;
};

}  // namespace

DcmInputStreamFactory* MemoryStream::newFactory() const {
  return new MemoryFactory(bytes_.substr(static_cast<size_t>(tell())));
}

MemoryProducer::MemoryProducer(std::string_view bytes) : bytes_(bytes), stack_(stack_here()) {}

void MemoryProducer::look_at_stack() {
  if (stack_ - stack_here() > kMostStackBytes) status_ = EC_CorruptedData;
}

offile_off_t MemoryProducer::avail() {
  return good() ? static_cast<offile_off_t>(bytes_.size() - offset_) : 0;
}

offile_off_t MemoryProducer::read(void* buffer, offile_off_t count) {
  look_at_stack();
  const offile_off_t given = std::clamp<offile_off_t>(count, 0, avail());
  if (given > 0) std::memcpy(buffer, bytes_.data() + offset_, static_cast<size_t>(given));
  offset_ += static_cast<size_t>(given);
  return given;
}

offile_off_t MemoryProducer::skip(offile_off_t count) {
  look_at_stack();
  const offile_off_t given = std::clamp<offile_off_t>(count, 0, avail());
  offset_ += static_cast<size_t>(given);
  return given;
}

void MemoryProducer::putback(offile_off_t count) {
  if (count < 0 || static_cast<size_t>(count) > offset_) {
    status_ = EC_PutbackFailed;
    return;
  }
  offset_ -= static_cast<size_t>(count);
}

QuietDcmtk::QuietDcmtk() : was_quiet_(is_quiet) {
  static std::once_flag once;
  std::call_once(once, install_filter);
  is_quiet = true;
}

QuietDcmtk::~QuietDcmtk() { is_quiet = was_quiet_; }

void register_dcmtk_decoders() {
  static std::once_flag once;
  std::call_once(once, [] {
    DJDecoderRegistration::registerCodecs();
    DJLSDecoderRegistration::registerCodecs();
  });
}

}  // namespace braid::formats
