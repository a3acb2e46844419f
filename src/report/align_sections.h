// Parts of the page of an alignment report, and what they share with its table.
#pragma once
#include <string>
#include <vector>

#include "core/json.h"

namespace braid::report {

/// One line for each thing that is not in the samples as it was measured: plain text.
std::vector<std::string> align_warnings(const Json& align);

/// "0.25 s", "12 ms", "3.5 min", "-40 ms"; "n/a" for NaN.
std::string time_text(double seconds);

/// "1489 samples of 60 ticks at 1 Hz around events.csv".
std::string samples_text(const Json& align);

/// Whether it is put on ticks: it neither stays media nor is text.
bool is_on_ticks(const Json& stream);
/// Lines of plain text: for each stream that is cut of which windows lack something, for each
/// stream of text, for its events that are in no cell, and for each offset that was looked for.
std::vector<std::string> cut_lines(const Json& align);
std::vector<std::string> text_lines(const Json& align);
std::vector<std::string> unused_text_lines(const Json& align);
std::vector<std::string> sync_lines(const Json& align);

/// "" where no stream is cut, none is text, and where no offset was looked for.
std::string align_cut_html(const Json& align);
std::string align_text_html(const Json& align);
std::string align_sync_html(const Json& align);

std::string align_streams_html(const Json& align);
/// Of the streams on ticks; "" without any.
std::string align_missing_html(const Json& align);
std::string align_staleness_html(const Json& align);
std::string align_recordings_html(const Json& align);

/// Colours of streams by their place.
std::string stream_colour(size_t place);

}  // namespace braid::report
