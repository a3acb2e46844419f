#include "stream/synchronizer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <utility>

#include "align/timestamps.h"
#include "core/error.h"

namespace braid::stream {
namespace {

using align::kNever;

const char* const kReasons[] = {"late",     "ahead",     "duplicate",
                                "overflow", "unmatched", "frame_dropped"};

constexpr int64_t kYear = int64_t{365} * 24 * 3600 * 1000000000;
constexpr int64_t kMostAtOnce = 1000;  // ticks dropped one by one; more in one go

// The first tick that is not before `time_ns`.
int64_t tick_from(int64_t time_ns, int64_t anchor_ns, int64_t step_ns) {
  const int64_t past = ((time_ns - anchor_ns) % step_ns + step_ns) % step_ns;
  return past == 0 ? time_ns : time_ns + (step_ns - past);
}

}  // namespace

const char* to_string(Reason reason) { return kReasons[static_cast<int>(reason)]; }

Synchronizer::Synchronizer(Config config)
    : config_(std::move(config)), earliest_ns_(INT64_MAX), tick_(1) {
  check_config(config_);
  size_t column = 0, capacity = 0;
  for (const StreamConfig& stream : config_.streams) {
    align::Options options = stream.options;
    if (options.window_ns == 0) options.window_ns = config_.step_ns;
    states_.push_back({&align::find(stream.method), Ring(stream.channels, stream.capacity), options,
                       column, stream.shift_ns, kNever});
    column += static_cast<size_t>(stream.channels);
    capacity = std::max(capacity, stream.capacity * 2 + 1);
  }
  for (const State& state : states_) rings_.push_back(&state.ring);
  if (config_.step_ns > 0) start_ns_ = next_tick_ns_ = config_.start_ns;
  channel_.times_ns.reserve(capacity);
  channel_.values.reserve(capacity);
  column_ = {{0}, {align::Origin::missing}, {kNever}};
  Frame frame;
  frame.values.resize(column);
  frame.origins.resize(column);
  frame.used_ns.resize(column);
  frame.present.resize(states_.size());
  frames_.assign(config_.num_frames, frame);
}

void Synchronizer::drop(size_t stream, int64_t time_ns, Reason reason,
                        std::vector<Dropped>* dropped) {
  int64_t* const counts[] = {&counts_.late,     &counts_.ahead,     &counts_.duplicate,
                             &counts_.overflow, &counts_.unmatched, &counts_.frames_dropped};
  ++*counts[static_cast<int>(reason)];
  if (config_.on_dropped) dropped->push_back({stream, time_ns, reason});
}

void Synchronizer::tell(const std::vector<Dropped>& dropped) const {
  for (const Dropped& one : dropped) config_.on_dropped(one);
}

void Synchronizer::push(size_t stream, int64_t time_ns, const double* values) {
  BRAID_CHECK(stream < states_.size(), usage, "stream {}: expected one of {}", stream,
              states_.size());
  const StreamConfig& its = config_.streams[stream];
  for (int64_t c = 0; c < its.channels; ++c)
    BRAID_CHECK(!std::isinf(values[c]), data,
                "stream \"{}\": channel {}: expected a number or NaN, got infinity", its.name,
                c + 1);
  BRAID_CHECK(time_ns >= -align::kFarthestNs && time_ns <= align::kFarthestNs, data,
              "stream \"{}\": expected a time within 146 years of 0, got {} ns; give nanoseconds",
              its.name, time_ns);
  std::vector<Dropped> dropped;  // allocates only when there is something to tell
  {
    Lock lock(mutex_);
    BRAID_CHECK(!is_finished_, usage,
                "stream \"{}\": expected no measurement after finish(), got one; make another "
                "synchronizer",
                its.name);
    ++counts_.pushed;
    accept(stream, time_ns, values, &dropped);
    put_out(lock, &dropped);
  }
  tell(dropped);
}

void Synchronizer::accept(size_t stream, int64_t time_ns, const double* values,
                          std::vector<Dropped>* dropped) {
  const bool has_clock = clock_ns_ != kNever;
  if (has_clock && time_ns > align::saturating_add(clock_ns_, config_.max_ahead_ns))
    return drop(stream, time_ns, Reason::ahead, dropped);
  if (has_clock && time_ns < watermark_ns()) return drop(stream, time_ns, Reason::late, dropped);
  clock_ns_ = std::max(clock_ns_, time_ns);
  Ring& ring = states_[stream].ring;
  if (config_.step_ns == 0 &&
      std::all_of(values, values + ring.channels(), [](double value) { return std::isnan(value); }))
    return;  // nothing that could match
  if (ring.holds(time_ns)) return drop(stream, time_ns, Reason::duplicate, dropped);
  if (ring.is_full()) forget_before_next(stream);
  if (ring.is_full()) {
    if (time_ns < ring.time(0)) return drop(stream, time_ns, Reason::overflow, dropped);
    drop(stream, ring.time(0), Reason::overflow, dropped);
    ring.forget_oldest();
  }
  ring.insert(time_ns, values);
  earliest_ns_ = std::min(earliest_ns_, time_ns);
  newest_ns_ = std::max(newest_ns_, time_ns);
  states_[stream].newest_ns = std::max(states_[stream].newest_ns, time_ns);
}

void Synchronizer::advance(int64_t now_ns) {
  std::vector<Dropped> dropped;
  {
    Lock lock(mutex_);
    clock_ns_ = std::max(clock_ns_, std::clamp(now_ns, -align::kFarthestNs, align::kFarthestNs));
    put_out(lock, &dropped);
  }
  tell(dropped);
}

void Synchronizer::finish() {
  std::vector<Dropped> dropped;
  {
    Lock lock(mutex_);
    last_tick_ns_ = newest_ns_;
    finish_locked(lock, &dropped);
  }
  has_frame_.notify_all();
  tell(dropped);
}

void Synchronizer::finish(int64_t until_ns) {
  std::vector<Dropped> dropped;
  {
    Lock lock(mutex_);
    last_tick_ns_ = until_ns;
    finish_locked(lock, &dropped);
  }
  has_frame_.notify_all();
  tell(dropped);
}

void Synchronizer::finish_locked(Lock& lock, std::vector<Dropped>* dropped) {
  is_finished_ = true;
  put_out(lock, dropped);
  is_all_out_ = true;
}

void Synchronizer::close() {
  {
    const Lock lock(mutex_);
    is_closed_ = true;
  }
  has_place_.notify_all();
  has_frame_.notify_all();
}

bool Synchronizer::is_over() const {
  const Lock lock(mutex_);
  return is_closed_ || (is_all_out_ && num_waiting_ == 0);
}

// All before it is known.
int64_t Synchronizer::watermark_ns() const {
  return align::saturating_sub(clock_ns_, config_.lateness_ns);
}

bool Synchronizer::is_due(int64_t tick_ns) const {
  if (is_finished_) return tick_ns <= last_tick_ns_;
  const int64_t final_ns = watermark_ns();
  for (const State& state : states_) {
    const int64_t at_ns = align::saturating_add(tick_ns, state.shift_ns);
    if (final_ns <= at_ns) return false;
    if (!state.method->is_causal &&
        final_ns <= align::saturating_add(at_ns, state.options.tolerance_ns) &&
        !state.ring.has_all_in(at_ns, final_ns))
      return false;
  }
  return true;
}

// The time of the next frame, where nothing can change it any more.
bool Synchronizer::find_next(int64_t* time_ns) {
  if (earliest_ns_ == INT64_MAX && next_tick_ns_ == kNever) return false;
  if (config_.step_ns == 0) {
    const int64_t final_ns = is_finished_ ? INT64_MAX : watermark_ns();
    if (!find_match(rings_, final_ns, config_.match_tolerance_ns, &match_)) return false;
    *time_ns = match_.time_ns;
    return true;
  }
  if (next_tick_ns_ != kNever)
    *time_ns = next_tick_ns_;
  else
    *time_ns = config_.tick_after ? earliest_ns_
                                  : tick_from(earliest_ns_, config_.anchor_ns, config_.step_ns);
  return is_due(*time_ns);
}

int64_t Synchronizer::tick_after(int64_t tick_ns) const {
  return config_.tick_after ? config_.tick_after(start_ns_, tick_ns)
                            : align::saturating_add(tick_ns, config_.step_ns);
}

// Whether there is a place for the frame of `time_ns`, or the oldest could be dropped for it.
bool Synchronizer::make_place(int64_t time_ns, std::vector<Dropped>* dropped) {
  if (num_waiting_ < frames_.size()) return true;
  const bool drops_oldest = config_.backpressure == Backpressure::drop_oldest;
  drop(states_.size(), drops_oldest ? frames_[first_frame_].tick_ns : time_ns,
       Reason::frame_dropped, dropped);
  if (!drops_oldest) return false;
  first_frame_ = (first_frame_ + 1) % frames_.size();
  --num_waiting_;
  return true;
}

// After a long silence more ticks may be due than there are places: those that would be dropped
// again at once are not computed. True where some were left out.
bool Synchronizer::skip_ticks(int64_t tick_ns, std::vector<Dropped>* dropped) {
  if (config_.step_ns == 0 || config_.backpressure == Backpressure::block) return false;
  int64_t last_ns = last_tick_ns_;
  if (!is_finished_) {
    int64_t ahead_ns = 0;
    for (const State& state : states_)
      ahead_ns = std::max(
          ahead_ns, align::saturating_add(
                        state.shift_ns, state.method->is_causal ? 0 : state.options.tolerance_ns));
    last_ns = align::saturating_sub(watermark_ns() - 1, ahead_ns);
  }
  if (last_ns <= tick_ns) return false;
  int64_t num_due = (last_ns - tick_ns) / config_.step_ns + 1;
  const auto num_places = static_cast<int64_t>(frames_.size());
  if (config_.backpressure == Backpressure::drop_oldest) num_due -= num_places;
  const bool is_full = num_waiting_ == frames_.size();
  if (num_due <= kMostAtOnce || (config_.backpressure == Backpressure::drop_newest && !is_full))
    return false;
  drop(states_.size(), tick_ns, Reason::frame_dropped, dropped);
  counts_.frames_dropped += num_due - 1;
  if (config_.on_dropped) dropped->back().count = num_due;
  if (start_ns_ == kNever) start_ns_ = tick_ns;
  const int64_t target_ns = tick_ns + (num_due - 1) * config_.step_ns;
  forget(config_.tick_after ? std::max(tick_ns, config_.tick_after(start_ns_, target_ns - 1))
                            : target_ns);
  return true;
}

void Synchronizer::put_out(Lock& lock, std::vector<Dropped>* dropped) {
  const bool has_ticks = config_.step_ns > 0;
  for (int64_t time_ns; find_next(&time_ns);) {
    if (is_closed_) return;
    if (skip_ticks(time_ns, dropped)) continue;
    if (config_.backpressure == Backpressure::block && num_waiting_ == frames_.size()) {
      has_place_.wait(lock);
      continue;  // another thread may have put it out meanwhile
    }
    if (make_place(time_ns, dropped)) {
      Frame* frame = &frames_[(first_frame_ + num_waiting_) % frames_.size()];
      has_ticks ? compute(time_ns, frame) : copy_match(frame);
      ++num_waiting_;
      ++counts_.frames;
      has_frame_.notify_one();
    }
    has_ticks ? forget(time_ns) : forget_match(dropped);
  }
}

void Synchronizer::compute(int64_t tick_ns, Frame* frame) {
  frame->tick_ns = tick_ns;
  for (size_t s = 0; s < states_.size(); ++s) {
    const State& state = states_[s];
    tick_[0] = tick_ns + state.shift_ns;
    frame->present[s] = 0;
    for (int64_t c = 0; c < state.ring.channels(); ++c) {
      state.ring.copy(c, tick_[0], /*with_next=*/!state.method->is_causal, &channel_);
      column_.set(0, std::numeric_limits<double>::quiet_NaN(), align::Origin::missing, kNever);
      align::fill_column(channel_, *state.method, tick_, state.options, &column_);
      const size_t at = state.column + static_cast<size_t>(c);
      frame->values[at] = column_.values[0];
      frame->origins[at] = column_.origins[0];
      frame->used_ns[at] = column_.used_ns[0];
      if (column_.origins[0] != align::Origin::missing) frame->present[s] = 1;
    }
  }
}

void Synchronizer::copy_match(Frame* frame) const {
  frame->tick_ns = match_.time_ns;
  for (size_t s = 0; s < states_.size(); ++s) {
    const State& state = states_[s];
    const int64_t row = match_.rows[s];
    frame->present[s] = 0;
    for (size_t c = 0; c < static_cast<size_t>(state.ring.channels()); ++c) {
      const size_t at = state.column + c;
      frame->values[at] = row >= 0 ? state.ring.values(static_cast<size_t>(row))[c]
                                   : std::numeric_limits<double>::quiet_NaN();
      const bool is_there = !std::isnan(frame->values[at]);
      frame->origins[at] = is_there ? align::Origin::measured : align::Origin::missing;
      frame->used_ns[at] = is_there ? state.ring.time(static_cast<size_t>(row)) : kNever;
      if (is_there) frame->present[s] = 1;
    }
  }
}

// What was chosen, and what is older.
void Synchronizer::forget_match(std::vector<Dropped>* dropped) {
  for (size_t s = 0; s < states_.size(); ++s)
    for (int64_t row = 0; row <= match_.rows[s]; ++row) {
      if (row < match_.rows[s]) drop(s, states_[s].ring.time(0), Reason::unmatched, dropped);
      states_[s].ring.forget_oldest();
    }
}

// After a tick.
void Synchronizer::forget(int64_t tick_ns) {
  if (start_ns_ == kNever) start_ns_ = tick_ns;
  next_tick_ns_ = tick_after(tick_ns);
  for (size_t s = 0; s < states_.size(); ++s) forget_before_next(s);
}

// What no tick from the next one on can need, of what is final: a late measurement may still come
// to lie before the rest.
void Synchronizer::forget_before_next(size_t stream) {
  if (next_tick_ns_ == kNever) return;
  State& state = states_[stream];
  const int64_t at_ns = align::saturating_add(next_tick_ns_, state.shift_ns);
  const int64_t final_ns = is_finished_ ? INT64_MAX : align::saturating_sub(watermark_ns(), 1);
  state.ring.forget_until(
      std::min({at_ns - 1, align::saturating_sub(at_ns, state.options.window_ns), final_ns}));
}

bool Synchronizer::take_locked(Frame* frame) {
  if (num_waiting_ == 0) return false;
  Frame& oldest = frames_[first_frame_];
  // Swapped, not copied: both keep their memory.
  frame->values.resize(oldest.values.size());
  frame->origins.resize(oldest.origins.size());
  frame->used_ns.resize(oldest.used_ns.size());
  frame->present.resize(oldest.present.size());
  std::swap(*frame, oldest);
  first_frame_ = (first_frame_ + 1) % frames_.size();
  --num_waiting_;
  has_place_.notify_all();
  return true;
}

bool Synchronizer::take(Frame* frame) {
  Lock lock(mutex_);
  return take_locked(frame);
}

bool Synchronizer::wait(Frame* frame, int64_t timeout_ns) {
  Lock lock(mutex_);
  const auto is_ready = [&] { return num_waiting_ > 0 || is_all_out_ || is_closed_; };
  if (timeout_ns >= kYear)
    has_frame_.wait(lock, is_ready);
  else
    has_frame_.wait_for(lock, std::chrono::nanoseconds(timeout_ns), is_ready);
  return take_locked(frame);
}

int64_t Synchronizer::newest_ns(size_t stream) const {
  const Lock lock(mutex_);
  return states_.at(stream).newest_ns;
}

Counts Synchronizer::counts() const {
  Lock lock(mutex_);
  return counts_;
}

}  // namespace braid::stream
