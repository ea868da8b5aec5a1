#ifndef CERTIFY_COMMIT_OF_SOURCES_H
#define CERTIFY_COMMIT_OF_SOURCES_H

/* The commit that the program was built from, with "+changes" behind it where its sources were not those of
   that commit; NULL where nobody said. `make build` says it (Packaging/commit). Only the program depends on
   this target: a new commit compiles one file and links. */
const char *commit_of_sources(void);

#endif
