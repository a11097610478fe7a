// To be preloaded (LD_PRELOAD): makes each flush to disk take BENCH_FLUSH_MILLISECONDS longer, like a slow
// disk or a busy network volume, so that what a server does at its limit can be watched while processors are
// idle.
#include <cerrno>
#include <cstdlib>
#include <ctime>

#include <sys/syscall.h>
#include <unistd.h>

namespace {

int flush(long call, int file) {
  static const char* const given = std::getenv("BENCH_FLUSH_MILLISECONDS");
  static const long milliseconds = given == nullptr ? 0 : std::strtol(given, nullptr, 10);
  timespec left{.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1'000'000};
  while (::nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
  return static_cast<int>(::syscall(call, file));
}

}  // namespace

extern "C" int fsync(int file) {
  return flush(SYS_fsync, file);
}

extern "C" int fdatasync(int file) {
  return flush(SYS_fdatasync, file);
}
