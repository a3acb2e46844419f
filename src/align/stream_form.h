// What a stream becomes in samples: values at ticks, stretches of its own file, or text.
#pragma once
#include <string>

namespace braid::align {

/// ticks  an array of values at ticks, made by a registered alignment method.
/// cut    stays sound or video: each sample names a stretch of the stream's own file.
/// text   events with words: each sample has the text of those in its window.
///
/// The last two are words in place of a method. They are no registered methods, as those all give a
/// value at a tick; they are ways to write samples, so sessions alone know them.
enum class StreamForm { ticks, cut, text };
/// "ticks", "cut", "text".
const char* to_string(StreamForm form);

/// Of a method's word; a registered method's name, and "", is ticks.
StreamForm form_of(const std::string& word);

/// A registered method, "cut" or "text". Errors: config, with the nearest known name.
void check_method_word(const std::string& word);

}  // namespace braid::align
