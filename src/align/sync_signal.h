// One signal of a stream by which clocks are compared: how loud it is, or how much it changes.
#pragma once
#include <vector>

#include "align/stream_table.h"

namespace braid::align {

/// Of sound the root mean square of windows of 40 ms, every 10 ms; of video the mean absolute
/// difference of neighbouring grey frames 32 pixels high, per second; of a series the mean over
/// channels of the absolute change per second, each in units of that channel's mean change, and
/// where it is faster than 100 Hz the means of 10 ms.
///
/// A change stands half-way between its two measurements, a window evenly about its time, so that
/// no signal is late. Times have the entry's start and clock offset. A series is repaired if asked.
///
/// Missing  a change next to a gap in all channels is NaN.
/// Errors   as load_stream(), formats::read_audio(), formats::read_video().
/// Cost     sound: 4 bytes a sample; video: every frame at 32 pixels of height, at most 2 GiB.
Series sync_signal(const StreamEntry& entry, bool repairs);

/// The three of them.
Series loudness(const std::vector<float>& samples, double rate_hz, int64_t start_ns);
Series motion(const std::string& path, int64_t start_ns);
Series change(const Series& series);

/// Takes the course that recordings of one kind have in common out of each of their signals: of
/// clips that all begin with silence, word after word in the same rhythm, any two seem to belong
/// together, and only what is left tells which do. Each signal is put on ticks of the smallest
/// median step from its own start on, standardised, and loses what the others let expect at that
/// tick: w times their sum, w = s / (1 - s + s (n - 1)), s the share of the variance that is
/// common. Where nothing is, nothing is taken.
///
/// Returns  s, from 0 to 1.
/// Missing  NaN stays NaN and counts for nobody; a constant or empty signal becomes empty.
/// Errors   as check().
double leave_out_common(std::vector<Series>* signals);

}  // namespace braid::align
