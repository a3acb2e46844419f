// Bytes in memory as a stream for DCMTK, with bounds on what it may do with them; and its silence.
#pragma once
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcerror.h>
#include <dcmtk/dcmdata/dcistrma.h>

#include <string_view>

namespace braid::formats {

/// What DCMTK reads from. Sequences within sequences make DCMTK call itself, so a few megabytes of
/// a hostile file would end the stack: beyond kMostStackBytes below the place where the producer
/// was made, the stream turns bad, which DCMTK answers by giving up.
class MemoryProducer : public DcmProducer {
 public:
  explicit MemoryProducer(std::string_view bytes);

  OFBool good() const override { return status_.good(); }
  OFCondition status() const override { return status_; }
  OFBool eos() override { return offset_ == bytes_.size(); }
  offile_off_t avail() override;
  offile_off_t read(void* buffer, offile_off_t count) override;
  offile_off_t skip(offile_off_t count) override;
  void putback(offile_off_t count) override;

 private:
  void look_at_stack();

  std::string_view bytes_;
  size_t offset_ = 0;
  const char* stack_;
  OFCondition status_ = EC_Normal;
};

/// What DCMTK loads at once of a value; the rest stays where it is until it is asked for, so that
/// memory is never taken on a file's promise alone.
constexpr Uint32 kLoadedBytes = 1 << 16;

/// Refuses deflated files: what they hold may be a thousand times as large. The bytes have to
/// outlive the dataset.
class MemoryStream : public DcmInputStream {
 public:
  explicit MemoryStream(std::string_view bytes)
      : DcmInputStream(&producer_), bytes_(bytes), producer_(bytes) {}
  OFCondition installCompressionFilter(E_StreamCompression) override {
    return EC_UnsupportedEncoding;
  }
  DcmInputStreamFactory* newFactory() const override;

 private:
  std::string_view bytes_;
  MemoryProducer producer_;
};

/// While it lives, DCMTK logs nothing from this thread. Other threads and a program that uses DCMTK
/// itself keep their log.
class QuietDcmtk {
 public:
  QuietDcmtk();
  ~QuietDcmtk();
  QuietDcmtk(const QuietDcmtk&) = delete;
  QuietDcmtk& operator=(const QuietDcmtk&) = delete;

 private:
  bool was_quiet_;
};

/// DCMTK's decoders for JPEG and JPEG-LS, registered once in a process.
void register_dcmtk_decoders();

}  // namespace braid::formats
