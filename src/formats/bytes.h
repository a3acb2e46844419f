// A bounded reader of foreign bytes that knows the file's name and offset and never multiplies past
// 64 bits.
#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "core/error.h"

namespace braid::formats {

class ByteReader {
 public:
  ByteReader(std::string_view bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {}

  size_t offset() const { return offset_; }
  size_t remaining() const { return bytes_.size() - offset_; }
  const std::string& name() const { return name_; }

  /// The next `count` bytes. Errors: format, when the file ends before.
  std::string_view take(uint64_t count, const char* what) {
    BRAID_CHECK(count <= remaining(), format,
                "{}: byte {}: {}: expected {} bytes, got {}; is the file complete?", name_, offset_,
                what, count, remaining());
    std::string_view part = bytes_.substr(offset_, count);
    offset_ += count;
    return part;
  }
  /// A little-endian number.
  template <class T>
  T little_endian(const char* what) {
    T value;
    std::memcpy(&value, take(sizeof(T), what).data(), sizeof(T));
    return value;
  }
  template <class... Args>
  [[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) const {
    throw Error(ErrorKind::format, fmt::format("{}: byte {}: {}", name_, offset_,
                                               fmt::format(format, std::forward<Args>(args)...)));
  }

 private:
  std::string_view bytes_;
  std::string name_;
  size_t offset_ = 0;
};

/// a * b; false where the product does not fit.
inline bool multiply(uint64_t a, uint64_t b, uint64_t* product) {
  return !__builtin_mul_overflow(a, b, product);
}

}  // namespace braid::formats
