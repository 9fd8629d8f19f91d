/* What a program does to a database file, written down in order; and a disk that fails when it is told to.
 *
 * DISK_LOG: where to write it down. DISK_FAILS_AT: the n-th sync of the log file fails with EIO, as do all
 * after it until DISK_FAILS_FOR of them have.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -1;
static long syncs = 0;

static int which(int fd) {
    char link[64], path[512];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0) return 0;
    path[n] = 0;
    if (n > 7 && !strcmp(path + n - 7, "lore.db")) return 'D';
    if (n > 11 && !strcmp(path + n - 11, "lore.db-wal")) return 'W';
    return 0;
}

static ssize_t real_write(int fd, const void *data, size_t n) {
    static ssize_t (*real)(int, const void *, size_t);
    if (!real) real = dlsym(RTLD_NEXT, "write");
    return real(fd, data, n);
}

static void note(char what, char file, int64_t at, int64_t size, const void *data) {
    const char *to = getenv("DISK_LOG");
    if (!to) return;
    if (log_fd < 0) log_fd = open(to, O_WRONLY | O_CREAT | O_APPEND, 0600);
    char head[18] = {what, file};
    memcpy(head + 2, &at, 8);
    memcpy(head + 10, &size, 8);
    real_write(log_fd, head, sizeof head);
    if (data) real_write(log_fd, data, size);
}

static int fails(int file) {
    const char *at = getenv("DISK_FAILS_AT"), *times = getenv("DISK_FAILS_FOR");
    if (file != 'W' || !at) return 0;
    syncs++;
    return syncs >= atol(at) && syncs < atol(at) + (times ? atol(times) : 1);
}

static int synced(int fd, const char *name) {
    int (*real)(int) = dlsym(RTLD_NEXT, name);
    int file = which(fd);
    if (!file) return real(fd);
    pthread_mutex_lock(&lock);
    int bad = fails(file);
    int done = bad ? -1 : real(fd);
    if (!bad) note('S', file, 0, 0, NULL);
    pthread_mutex_unlock(&lock);
    if (bad) errno = EIO;
    return done;
}

static ssize_t written(int fd, const void *data, size_t n, off64_t at) {
    ssize_t (*real)(int, const void *, size_t, off64_t) = dlsym(RTLD_NEXT, "pwrite64");
    int file = which(fd);
    if (!file) return real(fd, data, n, at);
    pthread_mutex_lock(&lock);
    ssize_t done = real(fd, data, n, at);
    if (done > 0) note('P', file, at, done, data);
    pthread_mutex_unlock(&lock);
    return done;
}

static int cut(int fd, off64_t size) {
    int (*real)(int, off64_t) = dlsym(RTLD_NEXT, "ftruncate64");
    int file = which(fd);
    if (!file) return real(fd, size);
    pthread_mutex_lock(&lock);
    int done = real(fd, size);
    note('T', file, size, 0, NULL);
    pthread_mutex_unlock(&lock);
    return done;
}

int fsync(int fd) { return synced(fd, "fsync"); }
int fdatasync(int fd) { return synced(fd, "fdatasync"); }
ssize_t pwrite(int fd, const void *data, size_t n, off_t at) { return written(fd, data, n, at); }
ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at) { return written(fd, data, n, at); }
int ftruncate(int fd, off_t size) { return cut(fd, size); }
int ftruncate64(int fd, off64_t size) { return cut(fd, size); }

/* Called by the program: everything so far has been acknowledged up to this number. */
void acknowledged(int64_t number) {
    pthread_mutex_lock(&lock);
    note('A', 'A', number, 0, NULL);
    pthread_mutex_unlock(&lock);
}
