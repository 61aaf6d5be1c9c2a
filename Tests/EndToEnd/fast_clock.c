// Loaded before a program, this makes its wall clock run FAST_CLOCK_SPEED times faster since FAST_CLOCK_BEGAN, a time in
// seconds since 1970. Every other clock and every timer stays as it is.
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
  long result = syscall(SYS_clock_gettime, clock, now);
  if (result != 0 || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return (int)result;
  const char *speed = getenv("FAST_CLOCK_SPEED"), *began = getenv("FAST_CLOCK_BEGAN");
  if (!speed || !began) return 0;
  long long start = atoll(began) * 1000000000LL;
  long long fast = start + ((long long)now->tv_sec * 1000000000LL + now->tv_nsec - start) * atoll(speed);
  now->tv_sec = fast / 1000000000LL;
  now->tv_nsec = fast % 1000000000LL;
  return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  struct timespec fine;
  clock_gettime(CLOCK_REALTIME, &fine);
  now->tv_sec = fine.tv_sec;
  now->tv_usec = fine.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *now) {
  struct timespec fine;
  clock_gettime(CLOCK_REALTIME, &fine);
  if (now) *now = fine.tv_sec;
  return fine.tv_sec;
}
