#include <elf.h>

/// Where the linker puts the head of the executable in memory.
extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));

/// The head of the executable in memory.
static inline const Elf64_Ehdr *executable_head(void) { return &__ehdr_start; }
