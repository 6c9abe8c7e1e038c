#include "gauges.h"
#include "web/metrics.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define STAT_MAX 1024

/* proc(5): the fields of /proc/self/stat behind the name, which ends with the last ')'. */
enum {
	STAT_UTIME = 11,
	STAT_STIME = 12,
	STAT_THREADS = 17,
	STAT_STARTED = 19,
	STAT_VSIZE = 20,
	STAT_RSS = 21,
	STAT_COUNT = 22
};

static bool stat_read(long long ret[STAT_COUNT])
{
	char line[STAT_MAX];
	FILE *file = fopen("/proc/self/stat", "re");
	size_t len = file != NULL ? fread(line, 1, sizeof(line) - 1, file) : 0;
	char *at;

	if (file != NULL)
		(void)fclose(file);
	line[len] = '\0';
	at = strrchr(line, ')');
	if (at == NULL || at[1] == '\0')
		return false;
	at += 3; /* the state is a letter */
	for (int i = 1; i < STAT_COUNT; i++)
		ret[i] = strtoll(at + 1, &at, 10);
	return true;
}

/* Seconds since 1970; ticks is when the process started, since the machine did. */
static long long start_time(long long ticks, long long ticks_of_second)
{
	struct timespec now, since_boot;

	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_BOOTTIME, &since_boot);
	return now.tv_sec - since_boot.tv_sec + ticks / ticks_of_second;
}

static int descriptors_count(void)
{
	DIR *folder = opendir("/proc/self/fd");
	const struct dirent *entry;
	int count = -1; /* the folder's own */

	/* The stream is ours alone. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	while (folder != NULL && (entry = readdir(folder)) != NULL)
		count += entry->d_name[0] != '.';
	if (folder != NULL)
		closedir(folder);
	return count > 0 ? count : 0;
}

static void process_number(struct buf *buf, const char *name, const char *type, const char *help,
			   long long value)
{
	metric_head(buf, name, type, help);
	buf_printf(buf, "%s %lld\n", name, value);
}

void process_print(struct buf *buf)
{
	long long ticks = sysconf(_SC_CLK_TCK), page = sysconf(_SC_PAGESIZE);
	struct rlimit files = { 0, 0 };
	long long stat[STAT_COUNT];
	long long spent;

	getrlimit(RLIMIT_NOFILE, &files);
	process_number(buf, "process_open_fds", "gauge", "Open file descriptors.",
		       descriptors_count());
	process_number(buf, "process_max_fds", "gauge", "Most file descriptors that may be open.",
		       (long long)files.rlim_cur);
	if (ticks <= 0 || !stat_read(stat))
		return;
	spent = stat[STAT_UTIME] + stat[STAT_STIME];
	metric_head(buf, "process_cpu_seconds_total", "counter", "CPU time of user and system.");
	buf_printf(buf, "process_cpu_seconds_total %lld.%02lld\n", spent / ticks,
		   spent % ticks * 100 / ticks);
	process_number(buf, "process_resident_memory_bytes", "gauge", "Resident memory.",
		       stat[STAT_RSS] * page);
	process_number(buf, "process_virtual_memory_bytes", "gauge", "Virtual memory.",
		       stat[STAT_VSIZE]);
	process_number(buf, "process_threads", "gauge", "Threads.", stat[STAT_THREADS]);
	process_number(buf, "process_start_time_seconds", "gauge",
		       "When the process started, in seconds since 1970.",
		       start_time(stat[STAT_STARTED], ticks));
}
