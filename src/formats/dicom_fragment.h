// What is looked at in DICOM files before DCMTK sees it, which trusts what it reads.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace braid::formats {

/// Whether the bytes begin as a DICOM file does: 128 bytes, then the letters DICM.
bool is_dicom(std::string_view bytes);

/// Bits of a sample of a JPEG or JPEG-LS picture whose first bytes are given, up to its frame
/// header at least.
///
/// Errors   format: damaged before the frame header, another size than given, colours.
int checked_jpeg_bits(std::string_view bytes, int64_t height, int64_t width,
                      const std::string& name);

/// DICOM's RLE (part 5, annex G): a header of 64 bytes, then the high and the low bytes of all
/// numbers, each as PackBits. `item_bytes` is 1 or 2; numbers come out in this machine's order.
///
/// Errors   format: truncated, another number of segments.
std::string decode_dicom_rle(std::string_view bytes, size_t count, size_t item_bytes,
                             const std::string& name);

}  // namespace braid::formats
