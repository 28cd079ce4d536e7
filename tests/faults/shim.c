/* Fails or kills the process at the n-th file-system call under one folder; preloaded, so it sees SQLite and Tantivy too.

   fault_arm(root, log, classes, at, action, error, lasting): from now on, in this process, calls under root are counted.
   classes: 1 calls that change, 2 calls that look, 3 both. at: the call that fails, 0 none. action: see below.
   log: a descriptor that gets one line for each counted call, -1 none. fault_seen(): how many have been counted. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CHANGES = 1, LOOKS = 2 };
enum { KILL, TORN, FAIL, SHORT };  /* TORN: half of a write, then death. SHORT: half of a write, reported as such. */

static char root[PATH_MAX];
static size_t root_len;
static int classes, action, error_no, lasting, log_fd = -1;
static long at;
static atomic_long seen;
static pid_t armed;

void fault_arm(const char *folder, int log, int which, long nth, int what, int error, int from_then_on) {
    snprintf(root, sizeof root, "%s", folder);
    root_len = strlen(root);
    log_fd = log, classes = which, at = nth, action = what, error_no = error, lasting = from_then_on;
    seen = 0;
    armed = getpid();
}

long fault_seen(void) { return seen; }

static int inside(const char *path) { return strncmp(path, root, root_len) == 0 && (path[root_len] == '/' || !path[root_len]); }

static const char *absolute(int folder, const char *path, char *buffer) {
    char link[64];
    ssize_t n;
    if (path && path[0] == '/') return path;
    if (folder == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
    else snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    n = syscall(SYS_readlink, link, buffer, PATH_MAX - 1);
    if (n < 0) return "";
    buffer[n] = 0;
    if (path && path[0]) snprintf(buffer + n, PATH_MAX - n, "/%s", path);
    return buffer;
}

/* Whether this call is to fail; kills here. 2: half of it is to be done, 3: half and then death. */
static int hit(int class, const char *name, int folder, const char *path) {
    char buffer[PATH_MAX * 2], line[PATH_MAX * 2 + 64];
    int saved = errno;
    if (!armed || !(classes & class) || syscall(SYS_getpid) != armed) return 0;
    const char *where = absolute(folder, path, buffer);
    errno = saved;
    if (!inside(where)) return 0;
    long n = ++seen;
    if (log_fd >= 0) {
        int length = snprintf(line, sizeof line, "%s\t%s\n", name, where + root_len);
        if (syscall(SYS_write, log_fd, line, length) < 0) return 0;
        errno = saved;
    }
    if (!at || n < at || (n > at && !lasting)) return 0;
    if (action == KILL) kill(getpid(), SIGKILL);
    if (action == TORN || action == SHORT) {
        if (strstr(name, "write") || strstr(name, "sendfile")) return action == TORN ? 3 : 2;
        if (action == TORN) kill(getpid(), SIGKILL);
        return 0;
    }
    errno = error_no;
    return 1;
}

#define REAL(name) static __typeof__(name) *real; if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define ON_PATH(class, name, folder, path, fails) REAL(name); if (hit(class, #name, folder, path)) return fails

static int changing(int flags) { return flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC) ? CHANGES : LOOKS; }
#define MODE mode_t mode = 0; if (flags & (O_CREAT | __O_TMPFILE)) { va_list a; va_start(a, flags); mode = va_arg(a, mode_t); va_end(a); }
int open(const char *path, int flags, ...) { MODE ON_PATH(changing(flags), open, AT_FDCWD, path, -1); return real(path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE ON_PATH(changing(flags), open64, AT_FDCWD, path, -1); return real(path, flags, mode); }
int openat(int d, const char *path, int flags, ...) { MODE ON_PATH(changing(flags), openat, d, path, -1); return real(d, path, flags, mode); }
int openat64(int d, const char *path, int flags, ...) { MODE ON_PATH(changing(flags), openat64, d, path, -1); return real(d, path, flags, mode); }

#define HALVED(name, call_half) \
    REAL(name); int what = hit(CHANGES, #name, fd, NULL); \
    if (what == 1) return -1; \
    if (what > 1 && size > 1) { ssize_t n = call_half; if (what == 3) kill(getpid(), SIGKILL); return n; } \
    if (what == 3) kill(getpid(), SIGKILL)
ssize_t write(int fd, const void *data, size_t size) { HALVED(write, real(fd, data, size / 2)); return real(fd, data, size); }
ssize_t pwrite(int fd, const void *data, size_t size, off_t o) { HALVED(pwrite, real(fd, data, size / 2, o)); return real(fd, data, size, o); }
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t o) { HALVED(pwrite64, real(fd, data, size / 2, o)); return real(fd, data, size, o); }
ssize_t sendfile(int fd, int from, off_t *o, size_t size) { HALVED(sendfile, real(fd, from, o, size / 2)); return real(fd, from, o, size); }
ssize_t sendfile64(int fd, int from, off64_t *o, size_t size) { HALVED(sendfile64, real(fd, from, o, size / 2)); return real(fd, from, o, size); }
ssize_t writev(int fd, const struct iovec *v, int n) { ON_PATH(CHANGES, writev, fd, NULL, -1); return real(fd, v, n); }
ssize_t copy_file_range(int from, off64_t *a, int fd, off64_t *b, size_t n, unsigned f) { ON_PATH(CHANGES, copy_file_range, fd, NULL, -1); return real(from, a, fd, b, n, f); }

int fsync(int fd) { ON_PATH(CHANGES, fsync, fd, NULL, -1); return real(fd); }
int fdatasync(int fd) { ON_PATH(CHANGES, fdatasync, fd, NULL, -1); return real(fd); }
int fchmod(int fd, mode_t m) { ON_PATH(CHANGES, fchmod, fd, NULL, -1); return real(fd, m); }
int ftruncate(int fd, off_t n) { ON_PATH(CHANGES, ftruncate, fd, NULL, -1); return real(fd, n); }
int ftruncate64(int fd, off64_t n) { ON_PATH(CHANGES, ftruncate64, fd, NULL, -1); return real(fd, n); }
int truncate(const char *p, off_t n) { ON_PATH(CHANGES, truncate, AT_FDCWD, p, -1); return real(p, n); }
int rename(const char *a, const char *b) { ON_PATH(CHANGES, rename, AT_FDCWD, b, -1); return real(a, b); }
int renameat(int d, const char *a, int e, const char *b) { ON_PATH(CHANGES, renameat, e, b, -1); return real(d, a, e, b); }
int renameat2(int d, const char *a, int e, const char *b, unsigned f) { ON_PATH(CHANGES, renameat2, e, b, -1); return real(d, a, e, b, f); }
int unlink(const char *p) { ON_PATH(CHANGES, unlink, AT_FDCWD, p, -1); return real(p); }
int unlinkat(int d, const char *p, int f) { ON_PATH(CHANGES, unlinkat, d, p, -1); return real(d, p, f); }
int rmdir(const char *p) { ON_PATH(CHANGES, rmdir, AT_FDCWD, p, -1); return real(p); }
int mkdir(const char *p, mode_t m) { ON_PATH(CHANGES, mkdir, AT_FDCWD, p, -1); return real(p, m); }
int mkdirat(int d, const char *p, mode_t m) { ON_PATH(CHANGES, mkdirat, d, p, -1); return real(d, p, m); }
int link(const char *a, const char *b) { ON_PATH(CHANGES, link, AT_FDCWD, b, -1); return real(a, b); }
int linkat(int d, const char *a, int e, const char *b, int f) { ON_PATH(CHANGES, linkat, e, b, -1); return real(d, a, e, b, f); }
int chmod(const char *p, mode_t m) { ON_PATH(CHANGES, chmod, AT_FDCWD, p, -1); return real(p, m); }
int fchmodat(int d, const char *p, mode_t m, int f) { ON_PATH(CHANGES, fchmodat, d, p, -1); return real(d, p, m, f); }
int utimensat(int d, const char *p, const struct timespec t[2], int f) { ON_PATH(CHANGES, utimensat, d, p, -1); return real(d, p, t, f); }

ssize_t read(int fd, void *data, size_t size) { ON_PATH(LOOKS, read, fd, NULL, -1); return real(fd, data, size); }
ssize_t pread(int fd, void *data, size_t size, off_t o) { ON_PATH(LOOKS, pread, fd, NULL, -1); return real(fd, data, size, o); }
ssize_t pread64(int fd, void *data, size_t size, off64_t o) { ON_PATH(LOOKS, pread64, fd, NULL, -1); return real(fd, data, size, o); }
DIR *opendir(const char *p) { ON_PATH(LOOKS, opendir, AT_FDCWD, p, NULL); return real(p); }
int stat64(const char *p, struct stat64 *s) { ON_PATH(LOOKS, stat64, AT_FDCWD, p, -1); return real(p, s); }
int lstat64(const char *p, struct stat64 *s) { ON_PATH(LOOKS, lstat64, AT_FDCWD, p, -1); return real(p, s); }
int fstat64(int fd, struct stat64 *s) { ON_PATH(LOOKS, fstat64, fd, NULL, -1); return real(fd, s); }
int fstatat64(int d, const char *p, struct stat64 *s, int f) { ON_PATH(LOOKS, fstatat64, d, p, -1); return real(d, p, s, f); }
