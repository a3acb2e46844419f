// The public promise of live prediction: what samples from files give, bit for bit, as measurements
// come.
#include <gtest/gtest.h>

#include <thread>

#include "braid/stream.h"
#include "support/live_streams.h"
#include "support/module_checks.h"
#include "support/shared_folders.h"

namespace braid {
namespace {

using checks::expect_error;
using checks::kLiveSecond;
using checks::LiveMeasurement;
using checks::LiveOptions;
using checks::LiveStreams;

constexpr int64_t kMs = 1000000;

StreamPredictorOptions options_for(const LiveStreams& streams) {
  StreamPredictorOptions options;
  options.start_ns = streams.start_ns();
  options.max_ages_ns["age"] = 10 * kLiveSecond;
  options.num_waiting = 4096;
  return options;
}

void push_values(const LiveStreams& streams, StreamPredictor* predictor) {
  for (const checks::LiveValue& value : streams.values())
    predictor->push(value.time_ns, Sample().set_cell(value.field, value.cell));
}

void push(const LiveMeasurement& one, StreamPredictor* predictor) {
  predictor->push(one.stream, one.time_ns, one.values.data(), one.values.size());
}

std::vector<StreamPrediction> take_all(StreamPredictor* predictor) {
  std::vector<StreamPrediction> all;
  for (StreamPrediction one; predictor->next(&one);) all.push_back(one);
  return all;
}

std::vector<StreamPrediction> replay(const LiveStreams& streams,
                                     const StreamPredictorOptions& options,
                                     const std::vector<LiveMeasurement>& measurements) {
  StreamPredictor predictor = StreamPredictor::load(streams.bundle(), streams.report(), options);
  push_values(streams, &predictor);
  std::vector<StreamPrediction> all;
  for (const LiveMeasurement& one : measurements) {
    push(one, &predictor);
    for (const StreamPrediction& prediction : take_all(&predictor)) all.push_back(prediction);
  }
  predictor.finish(streams.end_ns());
  for (const StreamPrediction& prediction : take_all(&predictor)) all.push_back(prediction);
  EXPECT_TRUE(predictor.is_over());
  EXPECT_EQ(predictor.counts().predictions, static_cast<int64_t>(all.size()));
  return all;
}

void expect_those_of_files(const LiveStreams& streams,
                           const std::vector<StreamPrediction>& predictions) {
  const std::vector<Prediction> expected = streams.from_files();
  ASSERT_EQ(predictions.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(predictions[i].index, static_cast<int64_t>(i));
    EXPECT_EQ(predictions[i].start_ns, streams.windows()[i].start_ns);
    EXPECT_EQ(predictions[i].end_ns, streams.windows()[i].end_ns);
    EXPECT_EQ(predictions[i].prediction.scores, expected[i].scores) << i;
    EXPECT_EQ(predictions[i].prediction.label, expected[i].label) << i;
    EXPECT_EQ(predictions[i].prediction.missing, expected[i].missing) << i;
  }
}

// None arrives more than `lateness_ns` behind a newer one.
std::vector<LiveMeasurement> disordered(const std::vector<LiveMeasurement>& all,
                                        int64_t lateness_ns) {
  Rng random(9);
  std::vector<std::pair<int64_t, size_t>> arrivals;
  for (size_t i = 0; i < all.size(); ++i)
    arrivals.emplace_back(
        all[i].time_ns + static_cast<int64_t>(random.uniform() * static_cast<double>(lateness_ns)),
        i);
  std::sort(arrivals.begin(), arrivals.end());
  std::vector<LiveMeasurement> result;
  for (const auto& [arrival, i] : arrivals) result.push_back(all[i]);
  return result;
}

TEST(stream_predictor, has_the_bits_of_samples_from_files) {
  std::vector<LiveOptions> cases(4);
  cases[1].rate_hz = 30;        // no whole step
  cases[1].hop_ns = 700 * kMs;  // windows whose ticks lie between each other's
  cases[2].hold_ns = 3 * kLiveSecond;
  cases[2].hop_ns = 0;
  cases[3].rate_hz = 2.5;
  cases[3].eda_method = "nearest";
  for (const LiveOptions& one : cases) {
    SCOPED_TRACE(one.rate_hz);
    const LiveStreams streams(one);
    StreamPredictorOptions options = options_for(streams);
    options.lateness_ns = 0;
    expect_those_of_files(streams, replay(streams, options, streams.measurements()));
    options.lateness_ns = 300 * kMs;
    expect_those_of_files(streams,
                          replay(streams, options, disordered(streams.measurements(), 300 * kMs)));
  }
}

TEST(stream_predictor, has_the_same_bits_from_several_threads) {
  const LiveStreams streams;
  StreamPredictorOptions options = options_for(streams);
  options.lateness_ns = 1000 * kLiveSecond;  // whatever order the threads run in
  options.backpressure = Backpressure::block;
  StreamPredictor predictor = StreamPredictor::load(streams.bundle(), streams.report(), options);
  push_values(streams, &predictor);
  std::vector<StreamPrediction> all;
  std::thread consumer([&] {
    for (StreamPrediction one; predictor.wait(&one, 60 * kLiveSecond);) all.push_back(one);
  });
  std::vector<std::thread> producers;
  for (const char* name : {"eda", "acc", "hr"})
    producers.emplace_back([&, name] {
      for (const LiveMeasurement& one : streams.measurements())
        if (one.stream == name) push(one, &predictor);
    });
  for (std::thread& producer : producers) producer.join();
  predictor.finish(streams.end_ns());
  consumer.join();
  EXPECT_TRUE(predictor.is_over());
  expect_those_of_files(streams, all);
}

TEST(stream_predictor, a_silent_stream_holds_nothing_up) {
  const LiveStreams streams;
  StreamPredictorOptions options = options_for(streams);
  options.lateness_ns = 0;
  StreamPredictor predictor = StreamPredictor::load(streams.bundle(), streams.report(), options);
  std::vector<StreamPrediction> all;
  for (const LiveMeasurement& one : streams.measurements())
    if (one.stream == "acc" || (one.stream == "eda" && one.time_ns < 5 * kLiveSecond)) {
      push(one, &predictor);
      for (const StreamPrediction& prediction : take_all(&predictor)) {
        // Out as soon as the clock is beyond eda's tolerance of 600 ms.
        EXPECT_LT(one.time_ns - prediction.end_ns, 600 * kMs);
        all.push_back(prediction);
      }
    }
  ASSERT_GT(all.size(), 20u);
  for (const StreamPrediction& one : all) {
    EXPECT_FALSE(one.modalities[2].is_present);
    EXPECT_TRUE(std::isinf(one.modalities[2].staleness_s));
    EXPECT_LE(one.modalities[1].staleness_s, 0.04);
    EXPECT_EQ(one.modalities[0].is_present, one.start_ns < 5 * kLiveSecond);
  }
  // Its last one is of 4.78 s.
  EXPECT_NEAR(all[4].modalities[0].staleness_s, align::seconds(all[4].end_ns) - 4.78, 1e-6);
  // Where all are silent, the clock goes on by itself.
  predictor.advance(60 * kLiveSecond);
  const std::vector<StreamPrediction> late = take_all(&predictor);
  ASSERT_GT(late.size(), 25u);
  EXPECT_EQ(late.back().prediction.missing.size(), 5u);
}

TEST(stream_predictor, the_first_measurement_begins_where_no_start_is_given) {
  const LiveStreams streams;
  StreamPredictor predictor = StreamPredictor::load(streams.bundle(), streams.report());
  for (const LiveMeasurement& one : streams.measurements()) push(one, &predictor);
  predictor.finish();
  const std::vector<StreamPrediction> all = take_all(&predictor);
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all[0].start_ns, streams.measurements()[0].time_ns);
  // The last window ends with the last measurement's step: acc's is 31.25 ms, eda's 250 ms.
  EXPECT_EQ(all.back().end_ns, 30 * kLiveSecond);
}

TEST(stream_predictor, what_did_not_change_is_not_encoded_again) {
  const LiveStreams streams;
  StreamPredictorOptions options = options_for(streams);
  const auto with = replay(streams, options, streams.measurements());
  options.reuses_encodings = false;
  const auto without = replay(streams, options, streams.measurements());
  ASSERT_EQ(with.size(), without.size());
  int64_t num_reused = 0;
  for (size_t i = 0; i < with.size(); ++i) {
    EXPECT_EQ(with[i].prediction.scores, without[i].prediction.scores) << i;
    EXPECT_TRUE(with[i].modalities[1].was_encoded);  // acc always changes
    for (size_t m = 0; m < 5; ++m) {
      EXPECT_TRUE(without[i].modalities[m].was_encoded);
      EXPECT_EQ(with[i].modalities[m].staleness_s, without[i].modalities[m].staleness_s);
      EXPECT_FALSE(with[i].modalities[m].is_outdated);
      num_reused += with[i].modalities[m].was_encoded ? 0 : 1;
    }
  }
  // The note changes once and the age thrice after the first window.
  EXPECT_GE(num_reused, 2 * static_cast<int64_t>(with.size()) - 8);
}

TEST(stream_predictor, a_budget_refreshes_the_oldest_and_says_so) {
  const LiveStreams streams;
  StreamPredictorOptions options = options_for(streams);
  int64_t now_ns = 0;
  options.clock_ns = [&now_ns] { return now_ns += 10 * kMs; };  // every encoder takes 10 ms
  options.latency_budget_ms = 1000;
  const auto ample = replay(streams, options, streams.measurements());
  expect_those_of_files(streams, ample);
  options.latency_budget_ms = 15;  // one of the streams at a time
  const auto tight = replay(streams, options, streams.measurements());
  ASSERT_EQ(tight.size(), ample.size());
  for (size_t m = 0; m < 5; ++m) {
    EXPECT_TRUE(tight[0].modalities[m].was_encoded);  // none yet: all run
    EXPECT_FALSE(tight[0].modalities[m].is_outdated);
  }
  int64_t num_outdated = 0;
  for (size_t i = 1; i < tight.size(); ++i) {
    int64_t num_run = 0;
    for (const ModalityState& state : tight[i].modalities) {
      EXPECT_FALSE(state.was_encoded && state.is_outdated);
      num_run += state.was_encoded ? 1 : 0;
      if (!state.is_outdated) continue;
      ++num_outdated;
      EXPECT_LT(state.encoded_end_ns, tight[i].end_ns);
      EXPECT_GT(state.staleness_s, 0.5);
      EXPECT_TRUE(state.is_present);
    }
    EXPECT_GE(num_run, 1) << i;
  }
  EXPECT_GT(num_outdated, 20);
  // In turn: none waits for more than the two others.
  for (size_t i = 4; i < 10; ++i)
    EXPECT_GE(tight[i].modalities[1].encoded_end_ns, tight[i].end_ns - 2 * kLiveSecond) << i;
}

TEST(stream_predictor, drops_are_told_and_counted) {
  const LiveStreams streams;
  StreamPredictorOptions options = options_for(streams);
  options.num_waiting = 20;
  std::map<std::string, int64_t> told;
  options.on_dropped = [&](const DroppedMeasurement& one) {
    told[to_string(one.reason)] += one.count;
  };
  StreamPredictor predictor = StreamPredictor::load(streams.bundle(), streams.report(), options);
  for (const LiveMeasurement& one : streams.measurements()) push(one, &predictor);
  const double value = 1;
  predictor.push("eda", 0, &value, 1);
  EXPECT_EQ(told["late"], 1);
  EXPECT_GT(told["frame_dropped"], 100);
  predictor.finish(streams.end_ns());
  const std::vector<StreamPrediction> all = take_all(&predictor);
  ASSERT_EQ(all.size(), 1u);  // 20 ticks hold one window of 16
  EXPECT_EQ(all[0].end_ns, streams.windows().back().end_ns);
  EXPECT_EQ(predictor.counts().windows_dropped, static_cast<int64_t>(streams.windows().size()) - 1);
}

TEST(stream_predictor, mistakes_say_what_to_do) {
  const LiveStreams streams;
  const StreamPredictorOptions options = options_for(streams);
  StreamPredictor predictor = StreamPredictor::load(streams.bundle(), streams.report(), options);
  const double values[3] = {1, 1e300, 3};
  expect_error(ErrorKind::usage, "unknown stream 'edda'; did you mean 'eda'?",
               [&] { predictor.push("edda", 0, values, 1); });
  expect_error(ErrorKind::usage, "stream \"acc\": expected 3 channels, got 1",
               [&] { predictor.push("acc", 0, values, 1); });
  expect_error(ErrorKind::data, "stream \"acc\": expected values that float32 holds, got 1e+300",
               [&] { predictor.push("acc", 0, values, 3); });
  expect_error(ErrorKind::config, "unknown field 'notes'; did you mean 'note'?",
               [&] { predictor.push(0, Sample().set_text("notes", "x")); });
  expect_error(ErrorKind::usage, "field \"eda\": expected one that is no stream",
               [&] { predictor.push(0, Sample().set_cell("eda", "x.npy")); });
  expect_error(ErrorKind::data, "field \"age\": expected a number, got \"old\"",
               [&] { predictor.push(0, Sample().set_cell("age", "old")); });
}

TEST(stream_predictor, plans_that_do_not_fit_say_what_to_do) {
  const LiveStreams streams;
  AlignPlan plan = AlignPlan::read(streams.report());
  EXPECT_EQ(plan.rate_hz, 8);
  EXPECT_EQ(plan.window_ns, 2 * kLiveSecond);
  EXPECT_EQ(plan.hop_ns, kLiveSecond);
  EXPECT_EQ(plan.streams[0].tolerance_ns, 600 * kMs);
  EXPECT_EQ(plan.streams[1].channels, (std::vector<std::string>{"x", "y", "z"}));
  const auto refuse = [&](const AlignPlan& wrong, const std::string& part) {
    expect_error(ErrorKind::config, part, [&] { StreamPredictor::load(streams.bundle(), wrong); });
  };
  AlignPlan wrong = plan;
  wrong.streams[0].method = "sinc";
  refuse(wrong,
         "stream \"eda\": expected a method that works live, got sinc, which needs the whole "
         "recording; give `braid align` --method eda=linear");
  wrong = plan;
  wrong.streams[1].channels.pop_back();
  refuse(wrong, "stream \"acc\": expected the bundle's 3 channels, got 2 in the plan");
  wrong = plan;
  wrong.streams[0].name = "note";
  refuse(wrong, "stream \"note\": expected a field of the kind series in the bundle, got text");
  wrong = plan;
  wrong.streams = {plan.streams[0]};
  wrong.streams[0].name = "emg";
  refuse(wrong,
         "plan: expected a stream that the bundle reads (eda, acc, hr, note, tabular), got emg");
  wrong = plan;
  wrong.window_ns = 0;
  refuse(wrong, "plan: expected fixed windows, got samples cut at events");
  StreamPredictorOptions options;
  options.window_ns = 2 * kLiveSecond;
  EXPECT_EQ(StreamPredictor::load(streams.bundle(), wrong, options).modalities().size(), 5u);
  expect_error(ErrorKind::io, "no/report.json", [] { AlignPlan::read("no/report.json"); });
  const TemporaryFolder folder;
  write_file_atomically(folder / "report.json", "{\"braid\": \"1\"}");
  expect_error(ErrorKind::format, "expected the report.json of `braid align`",
               [&] { AlignPlan::read(folder / "report.json"); });
}

TEST(stream_predictor, windows_may_be_others_than_the_samples) {
  const LiveStreams streams;
  StreamPredictorOptions options = options_for(streams);
  options.window_ns = options.hop_ns = kLiveSecond;
  const auto all = replay(streams, options, streams.measurements());
  EXPECT_EQ(all.size(), 29u);
}

}  // namespace
}  // namespace braid
