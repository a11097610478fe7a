// Named places where a test can make the process die or fail, compiled in for test builds only
// (TRUNKLINE_FAIL_POINTS). The environment variable TRUNKLINE_FAIL_POINT names what happens, where, and at
// which passage:
//
//   TRUNKLINE_FAIL_POINT=crash:calls.after_dial_intent:2      kill -9 of itself at the second passage
//   TRUNKLINE_FAIL_POINT=sleep:calls.before_say:1             stand still for 60 s (a zombie, seen from
//   outside)
#pragma once

#ifdef TRUNKLINE_FAIL_POINTS
namespace trunkline {
void pass_fail_point(const char* name);
}
#define TRUNKLINE_FAIL_POINT(name) ::trunkline::pass_fail_point(name)
#else
#define TRUNKLINE_FAIL_POINT(name) static_cast<void>(0)
#endif
