// Counters, gauges and histograms for Prometheus. A metric is asked for once, where an object is made, and
// kept as a reference; changing it is cheap and safe on any thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/time.hpp"

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace trunkline {

using MetricLabels = std::map<std::string, std::string>;

class Counter {
 public:
  explicit Counter(prometheus::Counter& counter) : counter_(&counter) {}
  void increment(double by = 1);
  double value() const;

 private:
  prometheus::Counter* counter_;
};

class Gauge {
 public:
  explicit Gauge(prometheus::Gauge& gauge) : gauge_(&gauge) {}
  void set(double value);
  void add(double by);

 private:
  prometheus::Gauge* gauge_;
};

class Histogram {
 public:
  explicit Histogram(prometheus::Histogram& histogram) : histogram_(&histogram) {}
  void observe(Duration duration);  // in seconds on the page

 private:
  prometheus::Histogram* histogram_;
};

class Metrics {
 public:
  Metrics();
  ~Metrics();

  // The same name and labels give the same metric. Names end in their unit: "_total", "_seconds", "_bytes".
  Counter counter(const std::string& name, const std::string& help, const MetricLabels& labels = {});
  Gauge gauge(const std::string& name, const std::string& help, const MetricLabels& labels = {});
  // Buckets from 0.5 ms to 10 s.
  Histogram histogram(const std::string& name, const std::string& help, const MetricLabels& labels = {});

  // Runs before each page is made, to bring gauges up to date. On the fiber that asks for the page.
  void before_page(std::function<void()> refresh);

  // The page in Prometheus' text format.
  std::string page();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trunkline
