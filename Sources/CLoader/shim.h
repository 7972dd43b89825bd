// What the loader knows of its objects is an extension of GNU's C library.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <link.h>
