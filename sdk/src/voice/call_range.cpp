#include "trunkline/voice/call_range.hpp"

#include <algorithm>
#include <set>

namespace trunkline::inline v1::voice {
namespace {

constexpr int page_limit_max = 100;  // of the server (voice API, section 3.3)

}  // namespace

struct CallRange::iterator::State {
  ResultClient client;
  CallFilter filter;
  std::vector<Call> calls = {};  // of this page, without those of the page before
  std::size_t at = 0;
  std::set<std::string> ids = {};  // of this page
  bool is_last = false;

  // Until there is a call or there are no more.
  void fetch() {
    while (at == calls.size() && !is_last) {
      CallPage page = client.list_calls(filter).value();
      const auto fetched = static_cast<std::int64_t>(page.items.size());
      filter.offset += fetched;
      is_last = fetched == 0 || filter.offset >= page.total;
      std::set<std::string> before = std::exchange(ids, {});
      for (const Call& call : page.items) ids.insert(call.id);
      std::erase_if(page.items, [&](const Call& call) { return before.contains(call.id); });
      calls = std::move(page.items);
      at = 0;
    }
  }
};

CallRange::iterator CallRange::begin() const {
  auto state = std::make_shared<iterator::State>(iterator::State{.client = client_, .filter = filter_});
  state->filter.limit = std::clamp(filter_.limit, 1, page_limit_max);
  state->fetch();
  return iterator(std::move(state));
}

const Call& CallRange::iterator::operator*() const {
  return state_->calls.at(state_->at);
}

CallRange::iterator& CallRange::iterator::operator++() {
  ++state_->at;
  state_->fetch();
  return *this;
}

bool CallRange::iterator::at_end() const {
  return state_->at == state_->calls.size();
}

}  // namespace trunkline::inline v1::voice
