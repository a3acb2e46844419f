// The front of a gzip stream, through zlib.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace braid::formats {

bool is_gzip(std::string_view bytes);

/// The first `count` bytes of what `bytes` hold compressed, or all where there are fewer. Where the
/// stream ends there or soon after, its checksum is looked at. What follows the stream is ignored.
///
/// Errors   format: truncated, damaged.
/// Cost     memory grows with what comes out, never with what a header promises.
std::string gunzip_front(std::string_view bytes, uint64_t count, const std::string& name);

}  // namespace braid::formats
