#include "base/failpoint.hpp"

#ifdef TRUNKLINE_FAIL_POINTS

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>

#include "base/text.hpp"

namespace trunkline {
namespace {

struct Plan {
  std::string action;
  std::string name;
  int passage = 0;
};

Plan read_plan() {
  const char* text = std::getenv("TRUNKLINE_FAIL_POINT");
  if (text == nullptr) return {};
  const auto parts = split(text, ':');
  if (parts.size() != 3) return {};
  return {std::string(parts[0]), std::string(parts[1]),
          static_cast<int>(std::strtol(std::string(parts[2]).c_str(), nullptr, 10))};
}

}  // namespace

void pass_fail_point(const char* name) {
  static const Plan plan = read_plan();
  static std::atomic<int> passages{0};
  if (plan.name != name || ++passages != plan.passage) return;
  if (plan.action == "crash") std::raise(SIGKILL);
  if (plan.action == "sleep") std::this_thread::sleep_for(std::chrono::seconds(60));
}

}  // namespace trunkline

#endif
