// Laws that every registered alignment method keeps.
#include <set>

#include "align/signals.h"

namespace braid::align {
namespace {

using namespace signals;

Series random_series(int64_t count, uint64_t seed) {
  Rng random(seed);
  Series x = series(uneven_times(count, 10 * kMs, 0.8, seed), {});
  for (int64_t i = 0; i < count; ++i) x.values.push_back(random.normal());
  return x;
}

void for_each(const std::function<void(const Method&)>& law) {
  for (const Method* method : methods()) {
    SCOPED_TRACE(method->name);
    law(*method);
  }
}

TEST(align_contract, entries_are_complete) {
  std::set<std::string> names;
  for_each([&](const Method& method) {
    EXPECT_TRUE(names.insert(method.name).second);
    EXPECT_GT(std::string(method.summary).size(), 10u);
    EXPECT_EQ(std::string(method.definition).rfind("y", 0) == 0 ||
                  std::string(method.definition).rfind("the ", 0) == 0,
              true);
    EXPECT_NE(method.error_bound, nullptr);
    EXPECT_NE(method.source, nullptr);
  });
}

TEST(align_contract, empty_and_single_measurements_are_no_trouble) {
  for_each([](const Method& method) {
    const bool counts = std::string(method.name) == "count";
    expect_values(align(series({}, {}), method, {0, 10}).values,
                  counts ? std::vector<double>{0, 0} : std::vector<double>{NAN, NAN});
    const Aligned one = align(series({5}, {7}), method, {0, 5, 10});
    for (size_t t = 0; t < 3; ++t)
      if (one.origins[t] == Origin::missing)
        EXPECT_TRUE(std::isnan(one.values[t]));
      else if (!counts)
        EXPECT_EQ(one.values[t], 7);
    EXPECT_TRUE(align(series({5}, {7}), method, {}).values.empty());
  });
}

TEST(align_contract, a_constant_stays_constant) {
  for_each([](const Method& method) {
    if (std::string(method.name) == "count") return;
    const Series x = sampled([](double) { return 3.25; }, uneven_times(100, 10 * kMs, 0.8));
    const auto ticks = regular_ticks(0, 980 * kMs, 7 * kMs);
    for (double value : align(x, method, ticks).values)
      if (!std::isnan(value)) EXPECT_NEAR(value, 3.25, 1e-12);
  });
}

TEST(align_contract, nan_is_as_if_it_were_not_there) {
  for_each([](const Method& method) {
    Series with = random_series(60, 3), without = series({}, {});
    for (size_t i = 0; i < with.values.size(); ++i) {
      if (i % 4 == 1) {
        with.values[i] = NAN;
      } else {
        without.times_ns.push_back(with.times_ns[i]);
        without.values.push_back(with.values[i]);
      }
    }
    const auto ticks = regular_ticks(0, 600 * kMs, 9 * kMs);
    const Aligned a = align(with, method, ticks), b = align(without, method, ticks);
    expect_values(a.values, b.values);
    EXPECT_EQ(a.used_ns, b.used_ns);
  });
}

TEST(align_contract, a_causal_method_sees_nothing_after_the_tick) {
  for_each([](const Method& method) {
    const Series all = random_series(80, 4);
    const auto ticks = regular_ticks(0, 780 * kMs, 13 * kMs);
    const Aligned whole = align(all, method, ticks);
    int64_t different = 0;
    for (size_t t = 0; t < ticks.size(); ++t) {
      Series known = series({}, {});
      for (size_t i = 0; i < all.times_ns.size() && all.times_ns[i] <= ticks[t]; ++i) {
        known.times_ns.push_back(all.times_ns[i]);
        known.values.push_back(all.values[i]);
      }
      Options options;
      options.window_ns = 13 * kMs;
      const double now = align(known, method, {ticks[t]}, options).values[0];
      const bool same = now == whole.values[t] || (std::isnan(now) && std::isnan(whole.values[t]));
      different += same ? 0 : 1;
      if (method.is_causal) EXPECT_TRUE(same) << t;
      if (whole.used_ns[t] != kNever && method.is_causal) EXPECT_LE(whole.used_ns[t], ticks[t]);
    }
    if (!method.is_causal) EXPECT_GT(different, 0) << "it is causal and does not say so";
  });
}

TEST(align_contract, a_local_method_needs_the_window_and_the_neighbours_alone) {
  for_each([](const Method& method) {
    if (!method.is_local) return;
    const Series all = random_series(80, 9);
    const auto ticks = regular_ticks(0, 780 * kMs, 23 * kMs);
    const Aligned whole = align(all, method, ticks);
    Cursor cursor(all.times_ns);
    for (size_t t = 0; t < ticks.size(); ++t) {
      const int64_t before = cursor.newest_before(ticks[t]);
      Series near = series({}, {});
      for (size_t i = 0; i < all.times_ns.size(); ++i) {
        const bool is_in_window =
            all.times_ns[i] <= ticks[t] && all.times_ns[i] > ticks[t] - 23 * kMs;
        const auto place = static_cast<int64_t>(i);
        if (!is_in_window && place != before && place != before + 1) continue;
        near.times_ns.push_back(all.times_ns[i]);
        near.values.push_back(all.values[i]);
      }
      Options options;
      options.window_ns = 23 * kMs;
      const Aligned one = align(near, method, {ticks[t]}, options);
      expect_values(one.values, {whole.values[t]});
      EXPECT_EQ(one.used_ns[0], whole.used_ns[t]);
      EXPECT_EQ(one.origins[0], whole.origins[t]);
    }
  });
}

TEST(align_contract, shifting_all_times_changes_nothing) {
  for_each([](const Method& method) {
    Series x = random_series(60, 6);
    auto ticks = regular_ticks(0, 600 * kMs, 9 * kMs);
    const auto before = align(x, method, ticks).values;
    const int64_t shift = 1700000000 * kSecond;
    for (int64_t& time : x.times_ns) time += shift;
    for (int64_t& tick : ticks) tick += shift;
    expect_values(align(x, method, ticks).values, before);
  });
}

TEST(align_contract, a_tolerance_of_0_leaves_what_meets_a_measurement) {
  for_each([](const Method& method) {
    Options options;
    options.tolerance_ns = 0;
    options.window_ns = 1;
    const Aligned aligned = align(series({0, 10, 20}, {1, 1, 1}), method, {0, 4, 10, 16}, options);
    if (std::string(method.name) == "count")
      expect_values(aligned.values, {1, 0, 1, 0});
    else
      expect_values(aligned.values, {1, NAN, 1, NAN});
  });
}

}  // namespace
}  // namespace braid::align
