/// \file
/// All calls of a filter, page by page.
#pragma once

#include <cstddef>
#include <iterator>
#include <memory>

#include "trunkline/voice/result_client.hpp"

namespace trunkline::inline v1::voice {

/// An input range of calls, newest first. The first page is fetched by begin(), each further one when the
/// loop arrives at it; both throw as Client::list_calls() does. Every begin() starts anew.
///
/// Pages shift when calls are placed meanwhile. A call that moved from one page to the next is shown once.
class TRUNKLINE_EXPORT CallRange {
 public:
  class iterator;

  /// See Client::all_calls().
  CallRange(ResultClient client, const CallFilter& filter) : client_(std::move(client)), filter_(filter) {}

  /// Fetches the first page.
  iterator begin() const;
  /// Behind the last call.
  std::default_sentinel_t end() const { return {}; }

 private:
  ResultClient client_;
  CallFilter filter_;
};

/// Goes through the calls once; copies go on together.
class TRUNKLINE_EXPORT CallRange::iterator {
 public:
  using iterator_concept = std::input_iterator_tag;
  using value_type = Call;
  using difference_type = std::ptrdiff_t;

  /// The call, until the iterator moves on.
  const Call& operator*() const;
  /// A member of the call.
  const Call* operator->() const { return &**this; }
  /// To the next call; may fetch a page.
  iterator& operator++();
  /// As the other, without a value, as input iterators do.
  void operator++(int) { ++*this; }
  /// Whether there are no more.
  friend bool operator==(const iterator& position, std::default_sentinel_t) { return position.at_end(); }

 private:
  friend class CallRange;
  struct State;
  explicit iterator(std::shared_ptr<State> state) : state_(std::move(state)) {}
  bool at_end() const;

  std::shared_ptr<State> state_;
};

}  // namespace trunkline::inline v1::voice
