// What a picture's file says before any pixel is decoded: format, size, orientation, whether cut.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace braid::formats {

enum class ImageKind { jpeg, png, webp, bmp, tiff, gif };

struct ImageHeader {
  ImageKind kind = ImageKind::png;
  int64_t width = 0, height = 0;  // as stored, before the orientation is applied
  int orientation = 1;            // EXIF tag 274, 1 to 8; 1 where the file says nothing
};

/// Recognises the format by its first bytes (never by a file name's extension), reads size and EXIF
/// orientation, and walks the file's structure to its end (JPEG's EOI, PNG's IEND, GIF's first
/// picture, the sizes of RIFF and BMP). A malformed EXIF block counts as no EXIF block.
/// Errors: format (none of the six formats, no size, more than `max_pixels` pixels, which is found
/// before the rest of the file is looked at, truncated, animated WebP).
/// Cost: no decoding; reads a few bytes per block of the file.
ImageHeader read_image_header(std::string_view bytes, const std::string& name,
                              int64_t max_pixels = INT64_MAX);

/// The size and orientation of the first directory of a TIFF file or EXIF block; `is_valid` is
/// false where the directory cannot be read, missing tags keep their defaults.
struct TiffTags {
  bool is_valid = false;
  int64_t width = 0, height = 0;
  int orientation = 1;
};
TiffTags read_tiff_tags(std::string_view bytes);

}  // namespace braid::formats
