#include <elf.h>
#include <linux/falloc.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/// Where the linker puts the head of the executable in memory.
extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));

/// The head of the executable in memory.
static inline const Elf64_Ehdr *executable_head(void) { return &__ehdr_start; }

/// Processors that this thread may run on; 0 when the kernel does not say (sched_getaffinity(2)).
static inline int allowed_processors(void) {
    unsigned long set[1024 / (8 * sizeof(long))];
    long bytes = syscall(SYS_sched_getaffinity, 0, sizeof set, set);
    int count = 0;
    for (long word = 0; word < bytes / (long)sizeof(long); word++) count += __builtin_popcountl(set[word]);
    return count;
}

/// The magic number of the file system of a path; 0 when it cannot be told (statfs(2)).
static inline unsigned int file_system_kind(const char *path) {
    struct statfs facts;
    return statfs(path, &facts) == 0 ? (unsigned int)facts.f_type : 0;
}

/// Gives back what the first bytes of a file take on the disk; it keeps its size (fallocate(2)).
static inline int release_beginning(int descriptor, long bytes) {
    return syscall(SYS_fallocate, descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0L, bytes);
}
