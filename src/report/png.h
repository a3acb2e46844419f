// Coloured maps as pictures inside of a page.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace braid::report {

/// A PNG of 8-bit RGBA pixels, row by row from the top left, as a data URI. Not compressed: for
/// small maps. Source   W3C PNG specification, second edition; RFC 1950 and 1951 (stored blocks).
std::string png_uri(uint32_t width, uint32_t height, const std::vector<uint8_t>& pixels);

}  // namespace braid::report
