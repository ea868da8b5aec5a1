#include "commit_of_sources.h"

#include <stddef.h>

/* Written by Packaging/commit, and no part of the sources. */
#if __has_include("commit.h")
#include "commit.h"
#endif

#ifndef CERTIFY_COMMIT
#define CERTIFY_COMMIT NULL
#endif

const char *commit_of_sources(void) { return CERTIFY_COMMIT; }
